/** Device models: the contract, registers declared once, and one file for each model. */
export * from './clock.ts';
export * from './contract.ts';
export * from './control/catalogue.ts';
export * from './control/controller.ts';
export * from './gic/gicv.ts';
export * from './gic/icc.ts';
export * from './gic/virtual-interface.ts';
export * from './poll-detector.ts';
export * from './register-device.ts';
export * from './registers.ts';
export * from './remembered.ts';
export * from './serial-line.ts';
export * from './uart/meson.ts';
export * from './uart/pl011.ts';
export * from './uart/uart8250.ts';
