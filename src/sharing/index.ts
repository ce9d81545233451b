/** Shared devices as tables: the classes and what stands between their drivers and clients, and the native drivers. */
export {
  CLASSES,
  CLIENT_SYMBOL,
  type Component,
  type ComponentImage,
  type Connection,
  type ConnectionEnd,
  channelSymbol,
  classOfKind,
  connectionsOf,
  DEVICE_CLASSES,
  type DeviceClass,
  DRIVER_CONNECTIONS_MAX,
  DRIVER_SYMBOL,
  ROLES,
  type Role,
  regionSymbol,
  type SharedClass,
  sharedClass,
  symbolOf,
  VIRTIO_KINDS,
  type VirtioKey,
  type VirtioKind,
} from './classes.ts';
export { componentOf, endsIn, imageName, type SharedEnd, type SharedLink, sharedLinks } from './links.ts';
export {
  classOfNodeName,
  driverIrqSymbol,
  driverRegionSymbol,
  NATIVE_DRIVERS,
  type NativeDriver,
  type NativeDriverImage,
  nativeDriverFor,
} from './native-drivers.ts';
export { guestNetworks } from './networks.ts';
export { RUN_BLOCK_QUEUE, RUN_NET_QUEUE, runQueueBytes } from './queue-sizes.ts';
export {
  SDDF_CLASSES,
  SDDF_MONITOR_STACK_BYTES,
  SDDF_ROLES,
  type SddfClass,
  type SddfComponent,
  type SddfRole,
  sddfClass,
  sddfClientChannels,
  sddfComponent,
  sddfComponentOf,
} from './sddf-components.ts';
export {
  type DmaRegion,
  SDDF_DRIVERS,
  type SddfDriver,
  sddfDriven,
  sddfDriverFor,
  sddfDriverIn,
} from './sddf-drivers.ts';
export { CONFIGURED, sddfNeighbours } from './sddf-programs.ts';
export { SDDF_QUEUES, type SddfStruct } from './sddf-queues.ts';
export { BLOCK_ENTRY_BYTES, blockQueueBytes, blockQueueEntries } from './served-disk.ts';
