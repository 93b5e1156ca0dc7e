/** The tree of commands: all that `belay` can do. How a line ends is told in command-line.ts. */
import type { Command } from 'commander';
import { treeOf, runCommands, type AddCommand } from './command-line.js';
import { addAudit } from './audit.js';
import { addCompletion } from './completion.js';
import { addDecisions } from './decisions.js';
import { addDemo } from './demo.js';
import { addDoctor } from './doctor.js';
import { addFire } from './fire.js';
import { addGaps } from './gaps.js';
import { addInbox } from './inbox.js';
import { addMatch } from './match.js';
import { addNew } from './new.js';
import { addParse } from './parse.js';
import { addPlan } from './plan.js';
import { addPolicy } from './policy.js';
import { addProposal } from './proposed.js';
import { addReport } from './report.js';
import { addRuns } from './runs.js';
import { addShow } from './show.js';
import { addSimulate } from './simulate.js';
import { addStatus } from './status.js';
import { addSwitches } from './switches.js';
import type { Terminal } from './terminal.js';
import { addShadow } from './shadow.js';
import { addTrust } from './trust.js';
import { addMaturity } from './maturity.js';
import { addDrill } from './drill.js';
import { addUp } from './up.js';
import { addWatch } from './watch.js';

/** In the order of the help: start, look, answer, stop, feed, write. */
const commands: readonly AddCommand[] = [
  addUp,
  addDemo,
  addDoctor,
  addRuns,
  addShow,
  addProposal,
  addWatch,
  addDecisions,
  addSwitches,
  addStatus,
  addTrust,
  addMaturity,
  addShadow,
  addDrill,
  addInbox,
  addFire,
  addParse,
  addMatch,
  addGaps,
  addReport,
  addPlan,
  addAudit,
  addPolicy,
  addSimulate,
  addNew,
  addCompletion,
];

export function createProgram(terminal: Terminal): Command {
  return treeOf(commands, terminal);
}

/** Never throws; answers the exit code. */
export function runBelay(args: readonly string[], terminal: Terminal): Promise<number> {
  return runCommands(commands, args, terminal);
}
