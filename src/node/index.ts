/** The {@link Host} of Node: files, processes, terminal, signals, and modules that lie beside a description. */
export { nodeHost } from './host.ts';
