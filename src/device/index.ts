/** Device models: the contract, registers declared once, and one file for each model. */
export * from './clock.ts';
export * from './contract.ts';
export * from './register-device.ts';
export * from './registers.ts';
export * from './serial-line.ts';
export * from './uart/meson.ts';
export * from './uart/pl011.ts';
export * from './uart/uart8250.ts';
