/** One console, shown by xterm.js: what the guest says, and the keyboard. */
import { FitAddon } from '@xterm/addon-fit';
import { type ITheme, Terminal } from '@xterm/xterm';
import '@xterm/xterm/css/xterm.css';
import { useEffect, useRef } from 'preact/hooks';
import { isReadAloud, show, type } from '../../session/run.ts';

/** As panes are left elsewhere. */
const LEAVE_KEY = 'F6';
/** The first control above the consoles. */
const LEAVE_TO = '.controls button:not(:disabled)';
const encoder = new TextEncoder();
const DARK = matchMedia('(prefers-color-scheme: dark)');

/** Dark colours on light ground where the page is light: a console's own yellow would not be read there. */
function theme(): ITheme {
  return DARK.matches
    ? { background: '#101214', foreground: '#e4e5e3', cursor: '#63c7cd', selectionBackground: '#2f5a5e' }
    : {
        background: '#fdfdfb',
        foreground: '#1c1d1f',
        cursor: '#0a626a',
        selectionBackground: '#bfe0e2',
        green: '#226a35',
        yellow: '#7a4d00',
        blue: '#2d5d96',
        cyan: '#0a626a',
        white: '#5c5d58',
        brightGreen: '#226a35',
        brightYellow: '#7a4d00',
        brightCyan: '#0a626a',
        brightWhite: '#1c1d1f',
      };
}

export function ConsoleTerminal({ source, name }: { readonly source: number; readonly name: string }) {
  const element = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (element.current === null) return;
    const terminal = new Terminal({
      fontFamily: getComputedStyle(element.current).getPropertyValue('--mono'),
      fontSize: 12.5,
      lineHeight: 1.15,
      scrollback: 20_000,
      theme: theme(),
      screenReaderMode: isReadAloud.peek(),
      minimumContrastRatio: 4.5,
      convertEol: false,
    });
    const fit = new FitAddon();
    terminal.loadAddon(fit);
    terminal.open(element.current);
    terminal.textarea?.setAttribute('aria-label', `Console of ${name}; F6 leaves it`);
    // Tab is the guest's: without a way out by keyboard a console would be a trap.
    terminal.attachCustomKeyEventHandler(({ key, type: kind }) => {
      if (key !== LEAVE_KEY) return true;
      if (kind === 'keydown') document.querySelector<HTMLElement>(LEAVE_TO)?.focus();
      return false;
    });
    terminal.onData((text) => type(source, encoder.encode(text)));
    const end = show(source, (bytes) => terminal.write(bytes));
    const watcher = new ResizeObserver(() => fit.fit());
    watcher.observe(element.current);
    const recolour = () => {
      terminal.options.theme = theme();
    };
    DARK.addEventListener('change', recolour);
    const endReading = isReadAloud.subscribe((isOn) => {
      terminal.options.screenReaderMode = isOn;
    });
    terminal.focus();
    return () => {
      endReading();
      DARK.removeEventListener('change', recolour);
      watcher.disconnect();
      end();
      terminal.dispose();
    };
  }, [source, name]);
  return <div class="terminal" ref={element} />;
}
