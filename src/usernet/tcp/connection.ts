/**
 * One TCP connection with a guest, whose other end the router plays (RFC 9293 §3.10). The wire keeps the order and loses a frame only
 * where a station has no room, so that there is no reassembly and no congestion window: what comes out of order is asked for again,
 * and what stays unacknowledged is sent again (RFC 6298), by the guest's clock.
 */

import { sequenceAfter, sequenceDistance, TCP_FLAG, type TcpSegment } from './segment.ts';
import { SendBuffer } from './send-buffer.ts';

/** A segment without its ports. */
export type TcpContent = Omit<TcpSegment, 'sourcePort' | 'destinationPort'>;

/** Who has the connection's outer end. */
export interface TcpOwner {
  readonly nowNs: number;
  send(segment: TcpContent): void;
  /** How many more bytes the outside takes at this moment. */
  roomBytes(): number;
  /** The guest has sent these. */
  onBytes(bytes: Uint8Array): void;
  /** The guest has acknowledged some of what was written. */
  onAcknowledged(): void;
  /** The guest has answered a connection that the outside began. */
  onOpen(): void;
  /** The guest will send no more. */
  onClosed(): void;
  /** It is over: `isReset` where it broke off. */
  onEnd(isReset: boolean): void;
}

const { FIN, SYN, RST, PSH, ACK } = TCP_FLAG;
/** What an Ethernet frame holds beside both headers, and what is meant where nobody says (RFC 9293 §3.7.1). */
const MSS_BYTES = 1460;
const DEFAULT_MSS_BYTES = 536;
const WINDOW_LIMIT = 0xffff;
const NS_PER_SECOND = 1e9;
const FIRST_TIMEOUT_NS = NS_PER_SECOND;
const LONGEST_TIMEOUT_NS = 60 * NS_PER_SECOND;
const TRIES = 8;
/** Shorter than twice the longest life of a segment: on one wire nothing wanders about. */
const TIME_WAIT_NS = 2 * NS_PER_SECOND;
const DUPLICATES = 3;

type State = 'opening' | 'syn-sent' | 'syn-received' | 'established' | 'time-wait' | 'closed';

export class TcpConnection {
  /** When {@link expire} is to be called. */
  deadlineNs: number | undefined;
  readonly #owner: TcpOwner;
  readonly #buffer = new SendBuffer();
  #state: State = 'opening';
  /** SND.UNA, SND.NXT, and the highest that was ever sent. */
  #unacknowledged: number;
  #next: number;
  #highest: number;
  /** SND.WND */
  #window = 0;
  #mssBytes = DEFAULT_MSS_BYTES;
  /** RCV.NXT, and the window that the guest was last told. */
  #expected = 0;
  #offered = WINDOW_LIMIT;
  #isFinishing = false;
  /** The guest knows that nothing more will come. */
  #isFinished = false;
  #isGuestClosed = false;
  #timeoutNs = FIRST_TIMEOUT_NS;
  #tries = 0;
  #duplicates = 0;

  constructor(owner: TcpOwner) {
    this.#owner = owner;
    // A clock that ticks every 4 µs (§3.4.1).
    const initial = Math.floor(owner.nowNs / 4000) >>> 0;
    this.#unacknowledged = initial;
    this.#next = initial;
    this.#highest = initial;
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether anybody may still send something. */
  get isAlive(): boolean {
    return this.#state !== 'closed' && this.#state !== 'time-wait';
  }

  /** Of what was written, how much the guest has not acknowledged. */
  get unsentBytes(): number {
    return this.#buffer.sizeBytes;
  }

  /** Begins a connection to the guest. */
  open(): void {
    this.#state = 'syn-sent';
    this.#transmit();
  }

  /** The guest's first segment has come; it is answered by {@link accept} or {@link reset}. */
  begin({ sequence, window, maximumSegmentBytes }: TcpSegment): void {
    this.#expected = sequenceAfter(sequence, 1);
    this.#hear(window, maximumSegmentBytes);
  }

  /** The outside is there. */
  accept(): void {
    if (this.#state !== 'opening') return;
    this.#state = 'syn-received';
    this.#transmit();
  }

  write(bytes: Uint8Array): void {
    this.#buffer.append(bytes);
    this.#transmit();
  }

  /** Nothing more will be written. */
  finish(): void {
    this.#isFinishing = true;
    this.#transmit();
  }

  /** Breaks it off. */
  reset(): void {
    if (this.#state === 'closed') return;
    this.#send(RST | ACK, this.#next);
    this.#end(true);
  }

  /** The outside takes more again. */
  roomChanged(): void {
    if (this.#offered < MSS_BYTES && this.#owner.roomBytes() >= MSS_BYTES && this.#isSynchronised)
      this.#acknowledge();
  }

  /** A segment of the guest's. */
  take(segment: TcpSegment): void {
    const { flags } = segment;
    if (this.#state === 'closed') return;
    if ((flags & RST) !== 0) {
      const isMeant =
        this.#state === 'syn-sent' ? segment.acknowledgment === this.#next : this.#fits(segment);
      if (isMeant) this.#end(true);
      return;
    }
    if (this.#state === 'opening') return;
    if (this.#state === 'syn-sent') {
      if ((flags & (SYN | ACK)) !== (SYN | ACK) || segment.acknowledgment !== this.#next) return;
      this.begin(segment);
    } else if ((flags & SYN) !== 0) {
      // Ours was lost, or the guest has begun anew.
      if (this.#state === 'syn-received') this.#sendSyn();
      else this.#acknowledge();
      return;
    }
    if ((flags & ACK) !== 0) this.#acknowledged(segment);
    if (this.isClosed) return;
    this.#receive(segment);
    this.#transmit();
    this.#settle();
  }

  /** The deadline has come. */
  expire(): void {
    this.deadlineNs = undefined;
    if (this.#state === 'time-wait') {
      this.#end(false);
      return;
    }
    this.#tries += 1;
    if (this.#tries > TRIES) {
      this.reset();
      return;
    }
    this.#timeoutNs = Math.min(this.#timeoutNs * 2, LONGEST_TIMEOUT_NS);
    this.#next = this.#unacknowledged;
    // A window of nothing is probed by a byte (§3.8.6.1).
    this.#transmit(1);
  }

  get #isSynchronised(): boolean {
    return this.#state === 'established' || this.#state === 'syn-received' || this.#state === 'time-wait';
  }

  /** How much of the sequence before the content is still open: our SYN. */
  get #synLeft(): number {
    return this.#state === 'syn-sent' || this.#state === 'syn-received' ? 1 : 0;
  }

  /** Whether a reset's sequence number is in the window (§3.10.7.4). */
  #fits({ sequence }: TcpSegment): boolean {
    const distance = sequenceDistance(this.#expected, sequence);
    return distance >= 0 && distance <= Math.max(this.#offered, 1);
  }

  #hear(window: number, maximumSegmentBytes: number | undefined): void {
    this.#window = window;
    this.#mssBytes = Math.max(1, Math.min(maximumSegmentBytes ?? DEFAULT_MSS_BYTES, MSS_BYTES));
  }

  #acknowledged({ acknowledgment, window, content, flags }: TcpSegment): void {
    const count = sequenceDistance(this.#unacknowledged, acknowledgment);
    if (count < 0 || sequenceDistance(acknowledgment, this.#highest) < 0) {
      this.#acknowledge();
      return;
    }
    const isDuplicate = count === 0 && content.length === 0 && (flags & FIN) === 0 && window === this.#window;
    this.#window = window;
    // Who has no room but answers is there (§3.8.6.1).
    if (window === 0) this.#tries = 0;
    if (count > 0) this.#advance(count, acknowledgment);
    else if (isDuplicate && this.#highest !== this.#unacknowledged) {
      this.#duplicates += 1;
      if (this.#duplicates === DUPLICATES) this.#next = this.#unacknowledged;
    }
  }

  #advance(count: number, acknowledgment: number): void {
    const isOpening = this.#state === 'syn-sent';
    const ofContent = Math.min(count - this.#synLeft, this.#buffer.sizeBytes);
    if (count - this.#synLeft > ofContent) this.#isFinished = true;
    if (this.#synLeft > 0) this.#state = 'established';
    this.#buffer.drop(ofContent);
    this.#unacknowledged = acknowledgment;
    if (sequenceDistance(this.#next, acknowledgment) > 0) this.#next = acknowledgment;
    this.#duplicates = 0;
    this.#tries = 0;
    this.#timeoutNs = FIRST_TIMEOUT_NS;
    this.deadlineNs = undefined;
    if (isOpening) {
      this.#acknowledge();
      this.#owner.onOpen();
    }
    if (ofContent > 0) this.#owner.onAcknowledged();
  }

  /** Content and FIN, where they are next in the sequence. */
  #receive({ sequence, content, flags }: TcpSegment): void {
    const isFin = (flags & FIN) !== 0;
    const before = sequenceDistance(sequence, this.#expected);
    const isNext = before >= 0 && before <= content.length;
    const isEmpty = content.length === 0 && !isFin;
    if (isEmpty && before === 0) return;
    if (this.#isGuestClosed || !isNext || (flags & SYN) !== 0) {
      if (!isEmpty || before !== 0) this.#acknowledge();
      return;
    }
    const roomBytes = Math.min(this.#owner.roomBytes(), WINDOW_LIMIT);
    const fresh = content.subarray(before, before + roomBytes);
    this.#expected = sequenceAfter(this.#expected, fresh.length);
    if (fresh.length > 0) this.#owner.onBytes(fresh);
    if (isFin && before + fresh.length === content.length) {
      this.#expected = sequenceAfter(this.#expected, 1);
      this.#isGuestClosed = true;
      this.#owner.onClosed();
    }
    this.#acknowledge();
  }

  /** Whatever the window has room for; at least so many bytes beyond it. */
  #transmit(probeBytes = 0): void {
    if (this.#state === 'opening' || !this.isAlive || this.#isFinished) return;
    if (this.#synLeft > 0) {
      if (this.#next === this.#unacknowledged) this.#sendSyn();
      this.#setDeadline();
      return;
    }
    const start = this.#unacknowledged;
    const roomBytes = Math.max(this.#window, probeBytes);
    for (;;) {
      const sentBytes = sequenceDistance(start, this.#next);
      const isFinSent = sentBytes > this.#buffer.sizeBytes;
      if (isFinSent) break;
      const sizeBytes = Math.min(this.#mssBytes, roomBytes - sentBytes, this.#buffer.sizeBytes - sentBytes);
      const isLast = sentBytes + Math.max(sizeBytes, 0) === this.#buffer.sizeBytes;
      const fin = this.#isFinishing && isLast ? FIN : 0;
      if (sizeBytes <= 0 && fin === 0) break;
      const content = this.#buffer.read(sentBytes, sizeBytes);
      this.#send(ACK | fin | (isLast && content.length > 0 ? PSH : 0), this.#next, content);
      this.#sent(content.length + (fin === 0 ? 0 : 1));
    }
    this.#setDeadline();
  }

  #sendSyn(): void {
    const flags = this.#state === 'syn-sent' ? SYN : SYN | ACK;
    this.#next = this.#unacknowledged;
    this.#send(flags, this.#next, new Uint8Array(), MSS_BYTES);
    this.#sent(1);
  }

  #sent(count: number): void {
    this.#next = sequenceAfter(this.#next, count);
    if (sequenceDistance(this.#highest, this.#next) > 0) this.#highest = this.#next;
  }

  #setDeadline(): void {
    const isWaiting = this.#highest !== this.#unacknowledged || this.#buffer.sizeBytes > 0;
    if (!isWaiting) this.deadlineNs = undefined;
    else this.deadlineNs ??= this.#owner.nowNs + this.#timeoutNs;
  }

  /** Both directions are finished and acknowledged. */
  #settle(): void {
    if (!this.#isGuestClosed || !this.#isFinished || this.#state !== 'established') return;
    this.#state = 'time-wait';
    this.deadlineNs = this.#owner.nowNs + TIME_WAIT_NS;
  }

  #acknowledge(): void {
    this.#send(ACK, this.#highest);
  }

  #send(
    flags: number,
    sequence: number,
    content: Uint8Array = new Uint8Array(),
    maximumSegmentBytes?: number,
  ): void {
    this.#offered = Math.max(0, Math.min(this.#owner.roomBytes(), WINDOW_LIMIT));
    this.#owner.send({
      sequence,
      acknowledgment: (flags & ACK) === 0 ? 0 : this.#expected,
      flags,
      window: this.#offered,
      content,
      ...(maximumSegmentBytes === undefined ? {} : { maximumSegmentBytes }),
    });
  }

  #end(isReset: boolean): void {
    this.#state = 'closed';
    this.deadlineNs = undefined;
    this.#owner.onEnd(isReset);
  }
}
