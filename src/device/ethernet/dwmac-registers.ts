/**
 * Registers of the Synopsys DesignWare Ethernet MAC 10/100/1000, version 3.70a, as the Cyclone V Hard Processor System
 * Technical Reference Manual (cv_5v4, "Ethernet Media Access Controller") names them; Amlogic's chips have the same core.
 * What HW_Feature doesn't offer is not there: management counters, timestamps, wake-up, energy-efficient Ethernet, further
 * MAC addresses, enhanced descriptors.
 */
import { bit, bits, constant, reg, registerMap, status, unmodelled, WHOLE } from '../registers.ts';

/** User version 0x11, core version 0x37. */
const VERSION = 0x1137;

const HW_FEATURE = {
  MIISEL: 1 << 0,
  GMIISEL: 1 << 1,
  HASHSEL: 1 << 4,
  SMASEL: 1 << 8,
  TXCOESEL: 1 << 16,
  RXTYP2COE: 1 << 18,
  RXFIFOSIZE: 1 << 19,
  /** ACTPHYIF: RGMII. */
  RGMII: 1 << 28,
} as const;

const INTERRUPTS = {
  TI: bit(0),
  TPS: bit(1),
  TU: bit(2),
  TJT: bit(3),
  OVF: bit(4),
  UNF: bit(5),
  RI: bit(6),
  RU: bit(7),
  RPS: bit(8),
  RWT: bit(9),
  ETI: bit(10),
  FBI: bit(13),
  ERI: bit(14),
  AIS: bit(15),
  NIS: bit(16),
} as const;

export const DWMAC_REGISTERS = registerMap({
  MAC_Configuration: reg(0x0000, {
    PRELEN: unmodelled(1, 0),
    RE: bit(2),
    TE: bit(3),
    DC: unmodelled(4),
    BL: unmodelled(6, 5),
    ACS: bit(7),
    LUD: unmodelled(8),
    DR: unmodelled(9),
    IPC: bit(10),
    DM: unmodelled(11),
    LM: bit(12),
    DO: unmodelled(13),
    FES: unmodelled(14),
    PS: unmodelled(15),
    DCRS: unmodelled(16),
    IFG: unmodelled(19, 17),
    JE: bit(20),
    BE: unmodelled(21),
    JD: bit(22),
    WD: bit(23),
    TC: unmodelled(24),
    CST: bit(25),
    TWOKPE: unmodelled(27),
  }),
  MAC_Frame_Filter: reg(0x0004, {
    PR: bit(0),
    HUC: bit(1),
    HMC: bit(2),
    DAIF: bit(3),
    PM: bit(4),
    DBF: bit(5),
    PCF: bits(7, 6),
    SA: unmodelled(9, 8),
    HPF: bit(10),
    RA: bit(31),
  }),
  Hash_Table_High: reg(0x0008, WHOLE),
  Hash_Table_Low: reg(0x000c, WHOLE),
  GMII_Address: reg(0x0010, {
    GB: bit(0),
    GW: bit(1),
    CR: unmodelled(5, 2),
    GR: bits(10, 6),
    PA: bits(15, 11),
  }),
  GMII_Data: reg(0x0014, { GD: bits(15, 0) }),
  Flow_Control: reg(0x0018, {
    CONTROL: unmodelled(5, 0),
    DZPQ: unmodelled(7),
    PT: unmodelled(31, 16),
  }),
  VLAN_Tag: reg(0x001c, {
    VL: bits(15, 0),
    ETV: bit(16),
    VTIM: unmodelled(17),
    ESVL: unmodelled(18),
    VTHM: unmodelled(19),
  }),
  Version: constant(0x0020, VERSION),
  Debug: constant(0x0024, 0),
  Interrupt_Status: reg(0x0038, { RGSMIIIS: status(0) }, { access: 'ro' }),
  Interrupt_Mask: reg(0x003c, {
    RGSMIIIM: unmodelled(0),
    PCS: unmodelled(2, 1),
    PMTIM: unmodelled(3),
    TSIM: unmodelled(9),
    LPIIM: unmodelled(10),
  }),
  MAC_Address0_High: reg(0x0040, { ADDRHI: bits(15, 0), AE: status(31) }, { reset: 0x8000_ffff }),
  MAC_Address0_Low: reg(0x0044, WHOLE, { reset: 0xffff_ffff }),
  SGMII_RGMII_SMII_Control_Status: reg(
    0x00d8,
    { LNKMODE: status(0), LNKSPEED: status(2, 1), LNKSTS: status(3) },
    { access: 'ro' },
  ),
  Bus_Mode: reg(
    0x1000,
    {
      SWR: bit(0),
      DA: unmodelled(1),
      DSL: bits(6, 2),
      PBL: unmodelled(13, 8),
      PR: unmodelled(15, 14),
      FB: unmodelled(16),
      RPBL: unmodelled(22, 17),
      USP: unmodelled(23),
      EIGHTxPBL: unmodelled(24),
      AAL: unmodelled(25),
      MB: unmodelled(26),
      TXPR: unmodelled(27),
    },
    { reset: 0x0002_0100 },
  ),
  Transmit_Poll_Demand: reg(0x1004, WHOLE),
  Receive_Poll_Demand: reg(0x1008, WHOLE),
  Receive_Descriptor_List_Address: reg(0x100c, { RDESLA: bits(31, 2) }),
  Transmit_Descriptor_List_Address: reg(0x1010, { TDESLA: bits(31, 2) }),
  Status: reg(0x1014, {
    ...INTERRUPTS,
    RS: status(19, 17),
    TS: status(22, 20),
    EB: status(25, 23),
  }),
  Operation_Mode: reg(0x1018, {
    SR: bit(1),
    OSF: unmodelled(2),
    RTC: unmodelled(4, 3),
    FUF: unmodelled(6),
    FEF: bit(7),
    FLOW: unmodelled(12, 8),
    ST: bit(13),
    TTC: unmodelled(16, 14),
    FTF: bit(20),
    TSF: bit(21),
    RFD_2: unmodelled(22),
    RFA_2: unmodelled(23),
    DFF: bit(24),
    RSF: unmodelled(25),
    DT: bit(26),
  }),
  Interrupt_Enable: reg(0x101c, INTERRUPTS),
  Missed_Frame_And_Buffer_Overflow_Counter: reg(
    0x1020,
    { MISFRMCNT: status(15, 0), MISCNTOVF: status(16), OVFFRMCNT: status(27, 17), OVFCNTOVF: status(28) },
    { access: 'ro' },
  ),
  Receive_Interrupt_Watchdog_Timer: reg(0x1024, { RIWT: bits(7, 0) }),
  Current_Host_Transmit_Descriptor: reg(0x1048, { CURTDESAPTR: status(31, 0) }, { access: 'ro' }),
  Current_Host_Receive_Descriptor: reg(0x104c, { CURRDESAPTR: status(31, 0) }, { access: 'ro' }),
  Current_Host_Transmit_Buffer_Address: reg(0x1050, { CURTBUFAPTR: status(31, 0) }, { access: 'ro' }),
  Current_Host_Receive_Buffer_Address: reg(0x1054, { CURRBUFAPTR: status(31, 0) }, { access: 'ro' }),
  HW_Feature: constant(
    0x1058,
    Object.values(HW_FEATURE).reduce((all, feature) => all | feature, 0),
  ),
});

/** Interrupts whose summary is NIS; the others' is AIS. ERI is left out. */
export const NORMAL_INTERRUPTS = INTERRUPTS.TI.mask | INTERRUPTS.TU.mask | INTERRUPTS.RI.mask;
export const ABNORMAL_INTERRUPTS =
  INTERRUPTS.TPS.mask |
  INTERRUPTS.TJT.mask |
  INTERRUPTS.OVF.mask |
  INTERRUPTS.UNF.mask |
  INTERRUPTS.RU.mask |
  INTERRUPTS.RPS.mask |
  INTERRUPTS.RWT.mask |
  INTERRUPTS.ETI.mask |
  INTERRUPTS.FBI.mask;

/** What happens in the DMA, as the status register has it. */
export type DmaInterrupt = Exclude<keyof typeof INTERRUPTS, 'AIS' | 'NIS' | 'ERI' | 'UNF'>;

export function interruptMask(interrupt: DmaInterrupt): number {
  return INTERRUPTS[interrupt].mask;
}
