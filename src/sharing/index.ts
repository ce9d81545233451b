/** Shared devices as tables: the classes and what stands between their drivers and clients, and the native drivers. */
export * from './classes.ts';
export {
  componentOf,
  endsIn,
  imageName,
  type SharedEnd,
  type SharedLink,
  sharedLinks,
} from './links.ts';
export {
  classOfNodeName,
  driverIrqSymbol,
  driverRegionSymbol,
  NATIVE_DRIVERS,
  type NativeDriver,
  type NativeDriverImage,
  nativeDriverFor,
} from './native-drivers.ts';
