/** Servers from Debian's packages, for root only; the daemons that such packages bring are neither started nor enabled. */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { notOnPath, onPath, run } from './program.mjs';

const policyFile = '/usr/sbin/policy-rc.d';
const policy = '#!/bin/sh\n# by the set-up of Belay, for the time of one installation\nexit 101\n';
const aptMaxMs = 5 * 60_000;
const systemFolders = ['/usr/bin', '/usr/sbin'];

/**
 * @param {string} debianPackage
 * @param {string} program
 * @returns {import('./found.mjs').Way}
 */
export function debianWay(debianPackage, program) {
  return {
    says: `Debian's package ${debianPackage}`,
    building: `installing Debian's package ${debianPackage}`,
    obstacle() {
      if (process.getuid?.() !== 0) return 'only root may install it';
      return notOnPath('apt-get');
    },
    async attempt() {
      await withoutDaemons(() => aptInstall(debianPackage));
      await disableUnit(debianPackage);
      const path = systemFolders.map((folder) => `${folder}/${program}`).find(existsSync);
      return path === undefined ? { absent: `it brought no ${program}` } : { path };
    },
  };
}

/** @param {string} debianPackage */
async function aptInstall(debianPackage) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '-y', '--no-install-recommends', debianPackage];
  const installed = await run('apt-get', { args, withinMs: aptMaxMs, env }).catch(() => undefined);
  if (installed !== undefined) return;
  await run('apt-get', { args: ['update'], withinMs: aptMaxMs, env });
  await run('apt-get', { args, withinMs: aptMaxMs, env });
}

/** Debian asks this file whether a package may start its daemon. @param {() => Promise<void>} work */
async function withoutDaemons(work) {
  const isOurs = !existsSync(policyFile) || readFileSync(policyFile, 'utf8') === policy;
  if (isOurs) writeFileSync(policyFile, policy, { mode: 0o755 });
  try {
    await work();
  } finally {
    if (isOurs) rmSync(policyFile, { force: true });
  }
}

/** So that it does not start with the machine either. @param {string} unit */
async function disableUnit(unit) {
  const systemctl = onPath('systemctl');
  if (systemctl === undefined) return;
  await run(systemctl, { args: ['disable', unit], withinMs: 30_000 }).catch(() => undefined);
}
