/**
 * A trace as text: lines for people, JSON lines for programs, and the JSON of Chrome's trace viewer, which Perfetto reads too (Google,
 * "Trace Event Format", sections "JSON Array Format" and "JSON Object Format"): guests and domains are processes, vCPUs and tasks
 * threads, what lasts is a complete event, an interrupt line that is high is an async one.
 */
import type { TraceEvent } from './event.ts';

/** A trace that is being written. */
export interface TraceFormat {
  readonly head: string;
  format(event: TraceEvent): string;
  readonly tail: string;
}

/** The forms by name. */
export type TraceFormatName = 'text' | 'jsonl' | 'chrome';

/** By a file's name: `.json` is Chrome's, `.jsonl` JSON lines, all else text. */
export function formatOfFile(path: string): TraceFormatName {
  if (path.endsWith('.json')) return 'chrome';
  return path.endsWith('.jsonl') ? 'jsonl' : 'text';
}

/** A form, for one trace. */
export function traceFormat(name: TraceFormatName): TraceFormat {
  if (name === 'text') return { head: '', format: textLine, tail: '' };
  return name === 'jsonl' ? { head: '', format: jsonLine, tail: '' } : new ChromeFormat();
}

const NS_PER_SECOND = 1e9;
const NS_PER_MICROSECOND = 1e3;
const TIME_DIGITS = 9;
const TIME_WIDTH = 14;

/** `   0.123456789 linux vCPU 0: read UARTFR of serial@9000000 = 0x90 (RXFE TXFE)` */
export function textLine({ timeNs, process, thread, name, fields, durationNs, level }: TraceEvent): string {
  const time = (timeNs / NS_PER_SECOND).toFixed(TIME_DIGITS).padStart(TIME_WIDTH);
  const said = Object.entries(fields).map(([key, value]) => `${key}=${value}`);
  const lasts = durationNs === undefined ? [] : [`${(durationNs / NS_PER_MICROSECOND).toFixed(3)} us`];
  const place = thread === '' ? process : `${process} ${thread}`;
  return `${time} ${place}: ${[name, ...(level === undefined ? [] : [level]), ...said, ...lasts].join(' ')}\n`;
}

function jsonLine({ kind, timeNs, durationNs, process, thread, name, fields, level }: TraceEvent): string {
  return `${JSON.stringify({ timeNs, kind, process, thread, name, durationNs, level, ...fields })}\n`;
}

/** Events are told apart by numbers: of processes, of threads within them. */
class ChromeFormat implements TraceFormat {
  readonly head = '{"displayTimeUnit":"ns","traceEvents":[\n';
  readonly tail = '\n]}\n';
  readonly #processes = new Map<string, { readonly pid: number; readonly threads: Map<string, number> }>();
  #isFirst = true;

  format({ kind, timeNs, durationNs, process, thread, name, fields, level }: TraceEvent): string {
    const { pid, tid, said } = this.#placeOf(process, thread);
    const common = { name, cat: kind, ts: timeNs / NS_PER_MICROSECOND, pid, tid };
    return said + this.#line({ ...common, ...shapeOf(name, durationNs, level), args: fields });
  }

  #line(value: object): string {
    const line = `${this.#isFirst ? '' : ',\n'}${JSON.stringify(value)}`;
    this.#isFirst = false;
    return line;
  }

  /** A place on the time line; where it is new, with the metadata that names it. */
  #placeOf(
    process: string,
    thread: string,
  ): { readonly pid: number; readonly tid: number; readonly said: string } {
    let said = '';
    let known = this.#processes.get(process);
    if (known === undefined) {
      known = { pid: this.#processes.size + 1, threads: new Map() };
      this.#processes.set(process, known);
      said += this.#line({ name: 'process_name', ph: 'M', pid: known.pid, tid: 0, args: { name: process } });
    }
    const { pid, threads } = known;
    let tid = threads.get(thread);
    if (tid === undefined) {
      tid = threads.size + 1;
      threads.set(thread, tid);
      const named = thread === '' ? process : thread;
      said += this.#line({ name: 'thread_name', ph: 'M', pid, tid, args: { name: named } });
    }
    return { pid, tid, said };
  }
}

function shapeOf(name: string, durationNs: number | undefined, level: TraceEvent['level']): object {
  if (level !== undefined) return { ph: level === 'high' ? 'b' : 'e', id: name };
  if (durationNs !== undefined) return { ph: 'X', dur: durationNs / NS_PER_MICROSECOND };
  return { ph: 'i', s: 't' };
}
