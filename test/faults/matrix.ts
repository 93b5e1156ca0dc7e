/** How often each kind of fault was put at each sort of site, and met there; a table for people. Decides nothing. */
import { columnOf, faultKinds, type Fault, type FaultKind } from './fault.js';
import { siteKinds, type SiteKind } from './site.js';

interface Cell {
  planned: number;
  hit: number;
}

export class Matrix {
  private readonly cells = new Map<string, Cell>();
  /** Site by site and fault by fault: what was met at least once. */
  private readonly places = new Map<string, boolean>();

  planned(fault: Fault): void {
    this.cellOf(fault).planned += 1;
    const place = placeOf(fault);
    if (!this.places.has(place)) this.places.set(place, false);
  }

  hit(fault: Fault): void {
    this.cellOf(fault).hit += 1;
    this.places.set(placeOf(fault), true);
  }

  /** Adds what another one counted. */
  add(other: Matrix, prefix: string): void {
    for (const [name, { planned, hit }] of other.cells) {
      const cell = this.cell(name);
      cell.planned += planned;
      cell.hit += hit;
    }
    for (const [place, met] of other.places) this.places.set(`${prefix}: ${place}`, met);
  }

  /** Places with a fault planned for them that no case ever came to. */
  get neverMet(): string[] {
    return [...this.places].flatMap(([place, met]) => (met ? [] : [place]));
  }

  get placesMet(): number {
    return [...this.places.values()].filter((met) => met).length;
  }

  /** Was this kind met at this sort of site? */
  met(site: SiteKind, kind: FaultKind): boolean {
    return (this.cells.get(`${site} ${kind}`)?.hit ?? 0) > 0;
  }

  table(): string {
    const head = ['site', ...faultKinds].map((text) => text.padStart(8)).join('');
    const rows = siteKinds.map((site) => {
      const counts = faultKinds.map((kind) => this.text(site, kind).padStart(8));
      return `${site.padStart(8)}${counts.join('')}`;
    });
    return [head, ...rows].join('\n');
  }

  private text(site: SiteKind, kind: FaultKind): string {
    const cell = this.cells.get(`${site} ${kind}`);
    return cell === undefined ? '-' : String(cell.hit);
  }

  private cellOf(fault: Fault): Cell {
    return this.cell(`${fault.site.kind} ${columnOf(fault)}`);
  }

  private cell(name: string): Cell {
    const found = this.cells.get(name) ?? { planned: 0, hit: 0 };
    this.cells.set(name, found);
    return found;
  }
}

function placeOf({ site, name }: Fault): string {
  return `${site.key} ${name}`;
}
