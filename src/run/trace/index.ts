/** Traces: what is traced, and in which forms it is written. */
export type { TraceEvent, TraceSink, TraceValue } from './event.ts';
export {
  formatOfFile,
  type TraceFormat,
  type TraceFormatName,
  textLine,
  traceFormat,
} from './formats.ts';
export type { TracedGuest, TracerParts } from './parts.ts';
export {
  DEFAULT_TRACE,
  parseTrace,
  stopsVcpus,
  TRACE_KINDS,
  type TraceKind,
  type TraceSpec,
} from './spec.ts';
export { Tracer } from './tracer.ts';
