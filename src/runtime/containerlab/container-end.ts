import type { Container, ContainerInspectInfo } from 'dockerode';

/** How many lines of what it printed are shown. */
const LINES = 5;

/** Length of the heading of each piece in Docker's stream of two outputs, bytes; its last four are the length of the piece. */
const HEADING = 8;

/**
 * Says that a container does not run, and why, as far as Docker and its own last lines tell; nothing where it runs.
 * @param node whose it is
 */
export async function whyDown(
  container: Container,
  { State, Config }: ContainerInspectInfo,
  node: string,
): Promise<string | undefined> {
  if (State.Running && State.Pid !== 0) return undefined;
  const how = State.Status === 'exited' ? `its first process ended (${State.ExitCode})` : State.Status;
  const printed = await container.logs({ stdout: true, stderr: true, tail: LINES });
  const said = (Config.Tty ? printed : joined(printed)).toString('utf8').trim();
  return [
    `the container of node ${node} does not run: ${how}`,
    ...(State.Error ? [State.Error] : []),
    ...(said ? [said] : []),
  ].join('\n');
}

/** The pieces of both outputs without their headings. */
function joined(stream: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at + HEADING <= stream.length; ) {
    const end = at + HEADING + stream.readUInt32BE(at + 4);
    pieces.push(stream.subarray(at + HEADING, end));
    at = end;
  }
  return Buffer.concat(pieces);
}
