/** Whether the compiler takes a mutant: one that it refuses never reaches the replay gate. Checks the changed file only. */
import { readFileSync } from 'node:fs';
import ts from 'typescript';
import { pathOf } from '../support/story/bundles.js';

export class Compiler {
  private readonly changed = new Map<string, { text: string; version: number }>();
  private readonly service: ts.LanguageService;

  /** Throws when workflows/tsconfig.json cannot be read. */
  constructor() {
    const path = pathOf('workflows/tsconfig.json');
    const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file)) as {
      config: unknown;
    };
    const { options, fileNames } = ts.parseJsonConfigFileContent(
      config,
      ts.sys,
      pathOf('workflows'),
    );
    this.service = ts.createLanguageService({
      getCompilationSettings: () => options,
      getScriptFileNames: () => fileNames,
      getScriptVersion: (file) => String(this.changed.get(file)?.version ?? 0),
      getScriptSnapshot: (file) => this.snapshot(file),
      getCurrentDirectory: () => pathOf('workflows'),
      getDefaultLibFileName: (given) => ts.getDefaultLibFilePath(given),
      fileExists: (file) => ts.sys.fileExists(file),
      readFile: (file) => ts.sys.readFile(file),
      readDirectory: (...given) => ts.sys.readDirectory(...given),
      directoryExists: (folder) => ts.sys.directoryExists(folder),
      getDirectories: (folder) => ts.sys.getDirectories(folder),
    });
  }

  /** The first complaint about the file with this text in place of its own; undefined when there is none. */
  complaint(file: string, text: string): string | undefined {
    const path = pathOf(file);
    this.change(path, text);
    const [first] = [
      ...this.service.getSyntacticDiagnostics(path),
      ...this.service.getSemanticDiagnostics(path),
    ];
    this.change(path, readFileSync(path, 'utf8'));
    return first === undefined
      ? undefined
      : ts.flattenDiagnosticMessageText(first.messageText, ' ');
  }

  private change(path: string, text: string): void {
    const version = (this.changed.get(path)?.version ?? 0) + 1;
    this.changed.set(path, { text, version });
  }

  private snapshot(file: string): ts.IScriptSnapshot | undefined {
    const text = this.changed.get(file)?.text ?? ts.sys.readFile(file);
    return text === undefined ? undefined : ts.ScriptSnapshot.fromString(text);
  }
}
