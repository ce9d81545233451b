/** All pictures of a description: as values, as one SVG document, and with what `explain` says as a page of HTML, files that go into a review. */
import type { Board } from '../devicetree/index.ts';
import {
  type Authority,
  authorityOf,
  escapeXmlText,
  explainAuthority,
  type GuestNetwork,
  keptMemory,
  type MicrokitBoard,
  type ReadDescription,
} from '../microkit/index.ts';
import type { Plan } from '../plan/index.ts';
import { guestNetworks } from '../sharing/index.ts';
import { type Drawing, drawingsCss, drawingsSvg, inlineSvg } from './drawing.ts';
import { interruptsDrawing } from './interrupts/svg.ts';
import { type InterruptTable, interruptTable } from './interrupts/table.ts';
import { type PhysicalMemory, physicalMemory, plannedContents } from './memory/physical.ts';
import { guestViewDrawing, memoryDrawing } from './memory/svg.ts';
import { mergedFacts, systemFacts } from './system/facts.ts';
import { type SystemDiagram, systemDiagram } from './system/layout.ts';
import { systemDrawing } from './system/svg.ts';

/** What is known beside the description; each makes the pictures say more. */
export interface PictureOptions {
  readonly board?: MicrokitBoard | undefined;
  readonly tree?: Board | undefined;
  /** Where the images lie in guests' RAM. */
  readonly plan?: Plan | undefined;
}

/** The pictures of a description as values. */
export interface Pictures {
  readonly authority: Authority;
  readonly networks: readonly GuestNetwork[];
  readonly system: SystemDiagram;
  readonly memory: PhysicalMemory;
  readonly interrupts: InterruptTable;
}

/** Draws a description: nothing is checked, what is not there is not drawn. */
export function picturesOf(read: ReadDescription, { board, tree, plan }: PictureOptions = {}): Pictures {
  const authority = authorityOf(read, { board, tree });
  return {
    authority,
    networks: guestNetworks(read.description),
    system: systemDiagram(systemFacts(read.description, authority)),
    memory: physicalMemory(authority, {
      board,
      tree,
      kept: keptMemory(read, { board, tree }),
      contents: plan === undefined ? [] : plannedContents(plan),
    }),
    interrupts: interruptTable(read.description, authority),
  };
}

/** Two versions of a description as one diagram, in which what came, went and changed is marked. */
export function comparedDiagram(
  before: ReadDescription,
  after: ReadDescription,
  options: Pick<PictureOptions, 'board' | 'tree'> = {},
): SystemDiagram {
  const [old, young] = [before, after].map((read) =>
    systemFacts(read.description, authorityOf(read, options)),
  );
  if (old === undefined || young === undefined) throw new Error('two descriptions are two');
  return systemDiagram(mergedFacts(old, young));
}

/** A diagram as an SVG document of its own. */
export function systemDiagramSvg(title: string, diagram: SystemDiagram): string {
  return drawingsSvg(title, [[systemDrawing(title, diagram)]]);
}

interface Drawings {
  readonly system: Drawing;
  readonly memory: Drawing;
  readonly guests: readonly Drawing[];
  readonly interrupts: Drawing;
}

function drawingsOf(title: string, { system, memory, interrupts }: Pictures): Drawings {
  return {
    system: systemDrawing(`System of ${title}`, system),
    memory: memoryDrawing(`Physical memory of ${title}`, memory),
    guests: memory.guests.map((view) => guestViewDrawing(view, memory)),
    interrupts: interruptsDrawing(`Interrupts of ${title}`, interrupts),
  };
}

/** The diagram, physical memory beside what each guest sees, and interrupts, as one SVG document. */
export function picturesSvg(title: string, pictures: Pictures): string {
  const { system, memory, guests, interrupts } = drawingsOf(title, pictures);
  return drawingsSvg(title, [[system], [memory, ...guests], [interrupts]]);
}

/** The pictures and what `explain` says, as one HTML document without scripts or anything from elsewhere. */
export function picturesPage(title: string, pictures: Pictures): string {
  const { system, memory, guests, interrupts } = drawingsOf(title, pictures);
  // What is wider than the window is scrolled, by keyboard too.
  const figure = (label: string, ...drawings: readonly Drawing[]): string =>
    `<figure tabindex="0" role="group" aria-label="${label}">\n${drawings.map(inlineSvg).join('\n')}\n</figure>`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escapeXmlText(title)}</title>
<style>
${drawingsCss([system, memory, ...guests, interrupts])}
  :root { color-scheme: light dark }
  body { font: 14px system-ui, sans-serif; margin: 1rem; }
  pre { font: 12px/1.4 ui-monospace, monospace; overflow-x: auto }
  figure { margin: 0 0 2rem; overflow-x: auto; white-space: nowrap }
  figure svg { vertical-align: top; margin-right: 1rem }
  @media print { figure { overflow: visible; white-space: normal } figure svg { max-width: 100%; height: auto } }
</style>
</head>
<body>
<main>
<h1>${escapeXmlText(title)}</h1>
<h2>Who is there</h2>
${figure('Diagram of the system', system)}
<h2>What lies where</h2>
${figure('Physical memory, and what guests see', memory, ...guests)}
<h2>Where interrupts go</h2>
${figure('Interrupts', interrupts)}
<h2>Who may do what</h2>
<pre tabindex="0">${escapeXmlText(explainAuthority(pictures.authority, pictures.networks))}</pre>
</main>
</body>
</html>
`;
}
