/** A real supervisord for tests, with a few small programs, on a free port and in a folder of its own. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/servers/port.js';
import { startSupervisord } from '../../scripts/servers/supervisord.js';

export interface Supervised {
  readonly host: { readonly url: string; readonly username: string; readonly password: string };
  stop(): Promise<void>;
}

/** `steady` comes up at once, `slow` after a second, `dies` ends before it counts as up, `absent` has no program. */
export async function startSupervised(): Promise<Supervised> {
  const folder = await mkdtemp(join(tmpdir(), 'belay-supervised-'));
  const port = await freePort();
  const configFile = join(folder, 'supervisord.conf');
  await writeFile(configFile, configOf(folder, port), { mode: 0o600 });
  const server = await startSupervisord({ dataFolder: folder, configFile, port });
  const stop = async (): Promise<void> => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { host: { url: server.url, username: 'belay', password: 'a<b>&c' }, stop };
}

function configOf(folder: string, port: number): string {
  return `[supervisord]
nodaemon=true
logfile=${join(folder, 'own.log')}
pidfile=${join(folder, 'pid')}
childlogdir=${folder}
[inet_http_server]
port=127.0.0.1:${port}
username=belay
password=a<b>&c
[rpcinterface:supervisor]
supervisor.rpcinterface_factory=supervisor.rpcinterface:make_main_rpcinterface
${programOf('steady', `${process.execPath} -e "setInterval(Date, 1000)"`, 0)}
${programOf('slow', `${process.execPath} -e "setInterval(Date, 1000)"`, 1)}
${programOf('dies', `${process.execPath} -e "process.exit(3)"`, 1)}
${programOf('absent', '/nowhere/at-all', 0)}`;
}

function programOf(name: string, command: string, startSeconds: number): string {
  return `[program:${name}]
command=${command}
autostart=false
autorestart=false
startretries=0
startsecs=${startSeconds}
stopsignal=KILL
stdout_logfile=NONE
stderr_logfile=NONE`;
}
