/**
 * What a change of a set newly allows: situations that the set after it permits and the one before it does not, found by the
 * solver, one for each class of action, tier and level. What it newly refuses is nobody's danger and is not looked for.
 */
import { decide } from '../evaluate.js';
import type { FactName, FactValue, Situation } from '../fact.js';
import type { Rule, Subject } from '../rule.js';
import type { PolicyTable } from '../table.js';
import { Encoder, textsIn, type Formula, type Variables } from './encode.js';
import { exampleText } from './prove.js';
import type { Solving } from './solver.js';

export interface ComparedSet {
  readonly table: PolicyTable;
  readonly rules: readonly Rule[];
}

export interface Allowed {
  readonly subject: Subject;
  readonly situation: Situation;
  /** In words; it names the policies that permit it. */
  readonly says: string;
}

export interface Difference {
  readonly allowed: readonly Allowed[];
  /** False when there are more than are told, or the solver gave no answer in time: then the change must be read by people. */
  readonly complete: boolean;
}

/** More than this nobody reads: the change is then better read itself. */
const allowedMax = 20;

/** By the policies, and then by each service whose tier, environment or caps the change lifts. */
export async function newlyAllowed(
  before: ComparedSet,
  after: ComparedSet,
  solving: Solving,
): Promise<Difference> {
  const bench = new DifferenceBench(before, after, solving);
  const general = await bench.byPolicies();
  const found = [...general.allowed];
  let complete = general.complete;
  for (const name of Object.keys(after.table.services)) {
    const service = await bench.ofService(name);
    found.push(...service.allowed);
    complete &&= service.complete;
  }
  return { allowed: found, complete };
}

class DifferenceBench {
  private readonly encoder: Encoder;
  private readonly variables: Variables;
  private readonly earlier: Variables;

  constructor(
    private readonly before: ComparedSet,
    private readonly after: ComparedSet,
    private readonly solving: Solving,
  ) {
    const inventory = [before, after].flatMap(({ table }) => inventoryRules(table));
    const texts = textsIn([...before.rules, ...after.rules, ...inventory]);
    this.encoder = new Encoder(solving.z3, texts);
    this.variables = this.encoder.variables();
    this.earlier = this.encoder.variables('before ');
  }

  /** The same facts, asked of both. */
  byPolicies(): Promise<Difference> {
    const { encoder, variables } = this;
    return this.list([
      encoder.permitted(this.after.rules, variables),
      encoder.permitted(this.before.rules, variables).not(),
    ]);
  }

  /** The facts that services.yaml gives of the service, each set's own; all others the same for both. */
  async ofService(name: string): Promise<Difference> {
    const { encoder, variables } = this;
    const [now, then] = [this.after, this.before].map(({ table }) => ownFacts(table, name));
    const same = [this.after, this.before].map(({ table }) => recordOf(table, name));
    if (now === undefined || same[0] === same[1]) return { allowed: [], complete: true };
    const refusedBefore =
      then === undefined
        ? []
        : [
            ...fixed(encoder, this.mixed(), then),
            encoder.permitted(this.before.rules, this.mixed()).not(),
          ];
    const found = await this.list([
      ...fixed(encoder, variables, now),
      encoder.named(variables, 'service', name),
      encoder.permitted(this.after.rules, variables),
      ...refusedBefore,
    ]);
    const allowed = found.allowed.map((one) => ({
      ...one,
      subject: { ...one.subject, service: name },
      says: `services.yaml, service ${name}: ${one.says}`,
    }));
    return { allowed, complete: found.complete };
  }

  /** What a service is differs between the sets; what happens does not. */
  private mixed(): Variables {
    const own = Object.fromEntries(inventoryFacts.map((fact) => [fact, this.earlier[fact]]));
    return { ...this.variables, ...own };
  }

  private async list(formulas: readonly Formula[]): Promise<Difference> {
    const { encoder, variables, after } = this;
    const told: Formula[] = [];
    const allowed: Allowed[] = [];
    while (allowed.length < allowedMax) {
      const found = await this.solving.find(encoder.domain(variables), ...formulas, ...told);
      if (found.kind !== 'some') return { allowed, complete: found.kind === 'none' };
      const { subject, situation } = encoder.read(found.model, variables);
      const { by } = decide(after.rules, subject, situation);
      const says = exampleText(after.rules, subject, { situation, about: new Set(), by });
      allowed.push({ subject, situation, says });
      told.push(encoder.alike(variables, situation).not());
    }
    return { allowed, complete: false };
  }
}

const inventoryFacts = ['tier', 'environment', 'ceiling', 'approvalsMin'] as const;
type OwnFacts = Partial<Record<FactName, FactValue>>;

/** Undefined for a service that is not there: nothing is permitted on it. Caps of single classes are told apart elsewhere. */
function ownFacts({ services, approvalsMin }: PolicyTable, name: string): OwnFacts | undefined {
  const service = Object.hasOwn(services, name) ? services[name] : undefined;
  if (service === undefined) return undefined;
  return {
    tier: service.tier,
    environment: service.environment,
    ceiling: service.level ?? 5,
    approvalsMin: service.approvalsMin ?? approvalsMin,
  };
}

/** Everything of a service that a rule may look at, to tell whether it changed. */
function recordOf(table: PolicyTable, name: string): string {
  return JSON.stringify(ownFacts(table, name) ?? null);
}

function fixed(encoder: Encoder, variables: Variables, own: OwnFacts): Formula[] {
  return inventoryFacts.flatMap((fact) => {
    const value = own[fact];
    return value === undefined ? [] : [encoder.is(variables, fact, value)];
  });
}

/** So that environments and services of the inventory have their numbers among the texts. */
function inventoryRules({ services }: PolicyTable): Rule[] {
  return Object.entries(services).map(([service, { environment }]) => ({
    id: service,
    effect: 'forbid',
    runbook: null,
    service,
    when: { kind: 'among', fact: 'environment', texts: [environment] },
    notes: {},
    place: { file: '', line: 1, column: 1 },
  }));
}
