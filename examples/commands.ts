/** The commands that an example's request has in its head, as comments indented by four: what a person types in its directory. */

const COMMAND = /^# {5}(\S.*)$/;

/** Each as one line, with what continues behind a backslash. */
export function commandsOf(request: string): readonly string[] {
  const commands: string[] = [];
  let unfinished = '';
  for (const line of request.split('\n')) {
    if (!line.startsWith('#')) break;
    if (unfinished === '' && !COMMAND.test(line)) continue;
    unfinished += line.slice(1).trim();
    if (unfinished.endsWith('\\')) {
      unfinished = `${unfinished.slice(0, -1).trimEnd()} `;
      continue;
    }
    commands.push(unfinished);
    unfinished = '';
  }
  return commands;
}
