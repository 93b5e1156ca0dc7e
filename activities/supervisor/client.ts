/**
 * One supervisord over its XML-RPC door. It says what a broken call means (never sent, or perhaps done); what its faults
 * mean for a step, and what to do next, it leaves to the adapter.
 */
import { request as requestHttp, type ClientRequest, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { z } from 'zod';
import { Failure, messageOf } from '../../workflows/domain/failure.js';
import { callText, parseAnswer, XmlRpcFault, type XmlRpcValue } from './xml-rpc.js';

/** Where a supervisord answers and who we are there; holds a password: not for logs. */
export interface SupervisorHost {
  /** Ends in /RPC2. */
  readonly url: string;
  readonly username: string;
  readonly password: string;
}

/** What supervisord says of a process; instants are its own clock's whole seconds, 0 is never. */
const processInfo = z.object({
  statename: z.string(),
  pid: z.number(),
  start: z.number(),
  stop: z.number(),
  now: z.number(),
  spawnerr: z.string(),
});
export type ProcessInfo = z.infer<typeof processInfo>;

/** supervisord's faults that mean something to us. */
export const faults = { shutdown: 6, badName: 10, alreadyStarted: 60, notRunning: 70 } as const;

const answerMaxBytes = 1024 * 1024;
const readWithinMs = 4_000;
/** Below the step's own limit of a minute, above supervisord's ten seconds of grace before it kills. */
const changeWithinMs = 45_000;

export class SupervisorClient {
  constructor(
    private readonly name: string,
    private readonly host: SupervisorHost,
  ) {}

  async info(process: string, signal: AbortSignal): Promise<ProcessInfo> {
    const answer = await this.read('supervisor.getProcessInfo', process, signal);
    const parsed = processInfo.safeParse(answer);
    if (parsed.success) return parsed.data;
    throw new Failure(
      'failed',
      `supervisord on ${this.name} described ${process} in no known shape`,
    );
  }

  /** Resolves once the process stayed up for its `startsecs`. */
  async start(process: string, signal: AbortSignal): Promise<void> {
    await this.change('supervisor.startProcess', process, signal);
  }

  /** Resolves once the process is gone; supervisord kills it when it does not go by itself. */
  async stop(process: string, signal: AbortSignal): Promise<void> {
    await this.change('supervisor.stopProcess', process, signal);
  }

  /** Reading changes nothing, so however it broke it may be tried again. */
  private async read(method: string, process: string, signal: AbortSignal): Promise<XmlRpcValue> {
    const within = AbortSignal.any([signal, AbortSignal.timeout(readWithinMs)]);
    return this.call(method, process, { signal: within, onceSent: 'transient' });
  }

  private async change(method: string, process: string, signal: AbortSignal): Promise<void> {
    if (signal.aborted) throw new Failure('unknown', `${method} was not begun: time is up`);
    const within = AbortSignal.any([signal, AbortSignal.timeout(changeWithinMs)]);
    await this.call(method, process, { signal: within, onceSent: 'unknown' });
  }

  private async call(
    method: string,
    process: string,
    how: { signal: AbortSignal; onceSent: 'transient' | 'unknown' },
  ): Promise<XmlRpcValue> {
    const sent = { yes: false };
    const broken = (why: string): Failure => {
      return new Failure(
        sent.yes ? how.onceSent : 'transient',
        `supervisord on ${this.name}: ${why}`,
      );
    };
    const { status, text } = await this.post(callText(method, [process]), how.signal, sent).catch(
      (error: unknown) => {
        throw broken(how.signal.aborted ? `${method} had no answer in time` : messageOf(error));
      },
    );
    if (status === 401) throw this.notLetIn();
    if (status !== 200) throw broken(`${method} was answered with HTTP ${status}`);
    try {
      return parseAnswer(text);
    } catch (thrown) {
      if (thrown instanceof XmlRpcFault) throw this.judged(thrown, process);
      throw broken(messageOf(thrown));
    }
  }

  private post(
    body: string,
    signal: AbortSignal,
    sent: { yes: boolean },
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const request = this.open(body, signal);
      request.once('error', reject);
      // Before the connection stands nothing can have reached the other side.
      request.once('socket', (socket) => socket.once('connect', () => (sent.yes = true)));
      request.once('response', (response) => {
        textOf(response).then((text) => {
          resolve({ status: response.statusCode ?? 0, text });
        }, reject);
      });
      request.end(body);
    });
  }

  /** Its own connection each time: an idle one that the other side closed would look like a lost effect. */
  private open(body: string, signal: AbortSignal): ClientRequest {
    const { url, username, password } = this.host;
    const request = url.startsWith('https:') ? requestHttps : requestHttp;
    const headers = { 'content-type': 'text/xml', 'content-length': Buffer.byteLength(body) };
    return request(url, {
      method: 'POST',
      agent: false,
      auth: `${username}:${password}`,
      headers,
      signal,
    });
  }

  /** Faults that mean the same for every call; the others are the adapter's to judge. */
  private judged(fault: XmlRpcFault, process: string): Error {
    if (fault.code === faults.badName) {
      const fix = `name the program of its configuration in services.<service>.process`;
      return new Failure(
        'failed',
        `supervisord on ${this.name} knows no process ${process}: ${fix}`,
      );
    }
    if (fault.code === faults.shutdown) {
      return new Failure('transient', `supervisord on ${this.name} is shutting down`);
    }
    return fault;
  }

  private notLetIn(): Failure {
    const fix = `correct hosts.${this.name}.username and password`;
    return new Failure('failed', `supervisord on ${this.name} refused the password: ${fix}`);
  }
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > answerMaxBytes)
      throw new Error(`the answer is longer than ${answerMaxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
