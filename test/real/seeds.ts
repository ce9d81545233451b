/** Descriptions for QEMU's virt that use everything Microkit has on Arm, so that mutants reach all of its tool. */
export const SEEDS: readonly string[] = [
  `<system>
  <memory_region name="regs" size="0x1000" phys_addr="0x9000000" />
  <memory_region name="gic_vcpu" size="0x1000" phys_addr="0x8040000" />
  <memory_region name="ram" size="0x8000000" phys_addr="0x80000000" page_size="0x200000" />
  <memory_region name="queue" size="0x4000" />
  <memory_region name="pool" size="0x400000" page_size="0x200_000" />
  <memory_region name="table" prefill_path="table.bin" />
  <memory_region name="blob" size="0x2000" prefill_path="blob.bin" />
  <protection_domain name="driver" priority="254" budget="200" period="1_000" stack_size="0x4000">
    <program_image path="driver.elf" path_for_symbols="driver.debug.elf" />
    <map mr="regs" vaddr="0x20000000" perms="rw" cached="false" setvar_vaddr="regs" />
    <map mr="queue" vaddr="0x3_000_000" perms="rw" setvar_vaddr="queue" setvar_size="queue_bytes" />
    <map mr="table" vaddr="0x4000000" perms="r" setvar_prefill_size="table_bytes" />
    <irq irq="33" id="0" trigger="level" setvar_id="irq_ch" />
    <setvar symbol="pool_paddr" region_paddr="pool" />
    <cspace>
      <cap_tcb slot="1" pd="worker" />
      <cap_sc slot="2" pd="worker" />
      <cap_vspace slot="3" pd="client" />
    </cspace>
    <protection_domain name="worker" id="5" priority="10" passive="true" setvar_id="worker_id">
      <program_image path="worker.elf" />
      <map mr="pool" vaddr="0x4000000" />
    </protection_domain>
    <protection_domain name="helper" id="6" cpu="0" fpu="false">
      <program_image path="helper.elf" />
    </protection_domain>
  </protection_domain>
  <protection_domain name="client" priority="100" smc="true">
    <program_image path="client.elf" />
    <map mr="queue" vaddr="0x3000000" perms="rw" />
    <map mr="blob" vaddr="0x5000000" perms="rx" />
  </protection_domain>
  <protection_domain name="VMM" priority="101">
    <program_image path="vmm.elf" />
    <map mr="ram" vaddr="0x40000000" perms="rw" setvar_vaddr="guest_ram_vaddr" />
    <virtual_machine name="linux" priority="1" budget="1000" period="1000">
      <vcpu id="0" cpu="0" />
      <vcpu id="1" />
      <map mr="ram" vaddr="0x80000000" perms="rwx" />
      <map mr="gic_vcpu" vaddr="0x8010000" perms="rw" cached="false" />
    </virtual_machine>
    <irq irq="48" id="1" />
    <irq irq="49" id="2" trigger="edge" />
  </protection_domain>
  <channel>
    <end pd="driver" id="1" setvar_id="client_ch" />
    <end pd="client" id="1" pp="true" />
  </channel>
  <channel>
    <end pd="client" id="2" notify="false" />
    <end pd="VMM" id="0" />
  </channel>
</system>
`,
  `<system>
  <domains>
    <domain name="low" />
    <domain name="high" id="3" />
    <domain_schedule start_index="1" index_shift="2">
      <schedule_entry domain="low" duration="1000 us" />
      <schedule_entry domain="high" duration="72057594037927935 ticks" />
      <schedule_end_marker />
    </domain_schedule>
  </domains>
  <memory_region name="shared" size="0x1000" />
  <protection_domain name="a" domain="low" priority="2">
    <program_image path="a.elf" />
    <map mr="shared" vaddr="0x2000000" />
  </protection_domain>
  <protection_domain name="b" domain="high">
    <program_image path="b.elf" />
    <map mr="shared" vaddr="0x2000000" perms="r" />
  </protection_domain>
  <channel><end pd="a" id="0" /><end pd="b" id="61" /></channel>
</system>
`,
];
