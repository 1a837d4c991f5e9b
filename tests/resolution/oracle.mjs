// What TypeScript's own resolver says of import specifiers: the oracle of tests/resolution_oracle.rs.
//
//   node oracle.mjs TREE < questions.tsv > answers.tsv
//
// Questions: `F <path>` names every file of the tree that authlint knows, `S <path> <specifier>` is one question (tab-separated).
// Answers, one for each question in order:
//   file <path>      this file of the tree
//   outside          nothing in the tree: a package, a module of the runtime, or nothing at all
//   unbuilt <folder> not resolved, but it names a linked package whose entry is not in the tree, or a path into a folder that the
//                    manifest points to and that is not in the tree: what a bundler would make there, TypeScript cannot know
//
// The tree is copied (hard links) to a temporary folder, with exactly the files that authlint knows, and every workspace's packages
// are linked into `node_modules` as its package manager would: npm and yarn link all members at the workspace's root, pnpm
// links what a member declares into that member's own folder. `file:`, `link:` and `portal:` ranges are links anywhere. Where a manifest
// asks for a package of the tree that its workspace does not have (an example beside the library), the registry's copy is installed: a
// stand-in that leads out of the tree.
//
// Each file is asked with the options of its project: the nearest `tsconfig.json` or `jsconfig.json`; where that one does not include the
// file, the first configuration that it references, or that stands beside it, that does. What the configuration's own mode does not find is asked again
// in `bundler` mode, since nearly all such code is bundled. Two things are added to TypeScript's file system:
//   - what `tsc -b` would write (`ts.getOutputFileNames` of every configuration with an `outDir`), answered by the source,
//   - files that are no TypeScript (`x.vue`), found as `x.d.vue.ts`, as vue-tsc and svelte-check do it.
// Where the answer is a declaration file, it is asked again without declarations (`noDtsResolution`): the code behind one is what Node loads.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import ts from "typescript";

const tree = fs.realpathSync(process.argv[2]);
const copy = fs.realpathSync(fs.mkdtempSync(path.join(process.env.AUTHLINT_SCRATCH ?? os.tmpdir(), "authlint-resolution-")));
process.on("exit", () => fs.rmSync(copy, { recursive: true, force: true }));

const known = new Set();
const questions = [];
for (const line of fs.readFileSync(0, "utf8").split("\n")) {
  const [kind, file, specifier] = line.split("\t");
  if (kind === "F") known.add(file);
  if (kind === "S") questions.push([file, specifier]);
}

for (const file of known) {
  const target = path.join(copy, file);
  fs.mkdirSync(path.dirname(target), { recursive: true });
  try {
    fs.linkSync(path.join(tree, file), target);
  } catch {
    fs.copyFileSync(path.join(tree, file), target);
  }
}

// Workspaces.

const manifests = new Map();
for (const file of known) {
  if (path.posix.basename(file) !== "package.json") continue;
  try {
    manifests.set(path.posix.dirname(file), JSON.parse(fs.readFileSync(path.join(tree, file), "utf8")));
  } catch {}
}

/** The folder patterns of a workspace, as regular expressions, negations apart. */
function matcher(globs) {
  const expression = (glob) =>
    new RegExp(
      "^" +
        glob
          .replace(/^\.\//, "")
          .replace(/\/(package\.json)?$/, "")
          .replace(/[.+^$()|[\]\\]/g, "\\$&")
          .replace(/\{([^}]*)\}/g, (_, list) => `(${list.split(",").join("|")})`)
          .replace(/\/\*\*$/, "(/.*)?")
          .replace(/\*\*\//g, "(.*/)?")
          .replace(/(?<![.)])\*/g, "[^/]*") +
        "$",
    );
  const wanted = globs.filter((glob) => !glob.startsWith("!")).map(expression);
  const unwanted = globs.filter((glob) => glob.startsWith("!")).map((glob) => expression(glob.slice(1)));
  return (folder) => wanted.some((one) => one.test(folder)) && !unwanted.some((one) => one.test(folder));
}

/** The `packages` list of a pnpm-workspace.yaml; nothing else of YAML is understood. */
function pnpmPackages(text) {
  const globs = [];
  let inside = false;
  for (const line of text.split("\n")) {
    if (/^\S/.test(line)) inside = /^packages:/.test(line);
    else if (inside) {
      const item = line.match(/^\s*-\s*(['"]?)([^'"#]+?)\1\s*(#.*)?$/);
      if (item) globs.push(item[2]);
    }
  }
  return globs;
}

const links = new Map();
/** For each package, the names of its workspace. */
const siblings = new Map();
function link(from, name, to) {
  const place = path.join(copy, from, "node_modules", name);
  if (fs.existsSync(place)) return;
  fs.mkdirSync(path.dirname(place), { recursive: true });
  fs.symlinkSync(path.join(copy, to), place, "dir");
  links.set(path.posix.join(from, "node_modules", name), to);
}

const FIELDS = ["dependencies", "devDependencies", "peerDependencies", "optionalDependencies"];
const declared = (manifest) => FIELDS.flatMap((field) => Object.entries(manifest?.[field] ?? {}));
for (const [root, manifest] of manifests) {
  const yaml = path.join(tree, root, "pnpm-workspace.yaml");
  const pnpm = fs.existsSync(yaml);
  const globs = pnpm ? pnpmPackages(fs.readFileSync(yaml, "utf8")) : (manifest?.workspaces?.packages ?? manifest?.workspaces ?? []);
  if (!Array.isArray(globs) || globs.length === 0) continue;
  const member = matcher(globs);
  const relative = (folder) => (root === "." ? folder : folder.startsWith(root + "/") ? folder.slice(root.length + 1) : null);
  const members = [...manifests].filter(([folder]) => folder !== root && relative(folder) !== null && member(relative(folder)));
  const byName = new Map(members.filter(([, one]) => one?.name).map(([folder, one]) => [one.name, folder]));
  for (const folder of [root, ...members.map(([folder]) => folder)]) siblings.set(folder, byName);
  if (pnpm) {
    for (const [folder, one] of [[root, manifest], ...members]) {
      for (const [name, range] of declared(one)) {
        const target = String(range).startsWith("workspace:") ? String(range).slice(10).replace(/@[^@/]*$/, "") : name;
        const to = byName.get(name) ?? byName.get(target);
        if (to) link(folder, name, to);
      }
    }
  } else {
    for (const [name, folder] of byName) link(root, name, folder);
  }
}
for (const [folder, manifest] of manifests) {
  for (const [name, range] of declared(manifest)) {
    const to = String(range).match(/^(?:file|link|portal):(.*)$/)?.[1];
    const target = to && path.posix.join(folder, to);
    if (target && manifests.has(target)) link(folder, name, target);
  }
}
const names = new Set([...manifests.values()].map((manifest) => manifest?.name));
for (const [folder, manifest] of manifests) {
  for (const [name] of declared(manifest)) {
    const place = path.join(copy, folder, "node_modules", name);
    if (!names.has(name) || manifest.name === name || siblings.get(folder)?.has(name) || fs.existsSync(place)) continue;
    fs.mkdirSync(place, { recursive: true });
    fs.writeFileSync(path.join(place, "package.json"), JSON.stringify({ name, exports: { ".": "./index.ts", "./*": "./index.ts" } }));
    // TypeScript looks for sources in all folders above before it looks for JavaScript in the nearest.
    fs.writeFileSync(path.join(place, "index.ts"), "");
  }
}

// The file system.

const outputs = new Map();
const inCopy = (name) => name.startsWith(copy + "/");
const foreign = (name) => name.match(/^(.*)\.d(\.[^./]+)\.ts$/);
const real = new Map();
function realpath(name) {
  let found = real.get(name);
  if (found === undefined) {
    try {
      found = fs.realpathSync(name);
    } catch {
      const parent = path.dirname(name);
      found = parent === name ? name : path.join(realpath(parent), path.basename(name));
    }
    real.set(name, found);
  }
  return found;
}
const isFile = (name) => {
  try {
    return fs.statSync(name).isFile();
  } catch {
    return false;
  }
};
const seen = new Map();
function fileExists(name) {
  let answer = seen.get(name);
  if (answer === undefined) {
    const other = foreign(name);
    answer = inCopy(name) && (isFile(name) || outputs.has(realpath(name)) || (other !== null && isFile(other[1] + other[2])));
    seen.set(name, answer);
  }
  return answer;
}
const folders = new Set();
const host = {
  ...ts.sys,
  fileExists,
  directoryExists: (name) => inCopy(name + "/") && (ts.sys.directoryExists(name) || folders.has(realpath(name))),
  realpath,
  useCaseSensitiveFileNames: true,
  getCurrentDirectory: () => copy,
};

// Configurations.

const parsed = new Map();
function config(name) {
  let found = parsed.get(name);
  if (found === undefined) {
    const text = ts.readConfigFile(name, ts.sys.readFile);
    const content = ts.parseJsonConfigFileContent(text.config ?? {}, ts.sys, path.dirname(name), undefined, name);
    const options = { ...content.options, allowJs: true, resolveJsonModule: true, allowArbitraryExtensions: true };
    const classic = ts.getEmitModuleResolutionKind(options) === ts.ModuleResolutionKind.Classic;
    // A base configuration that is a package is not installed here; no project of today means the resolution of TypeScript 1.
    if (classic) options.moduleResolution = ts.ModuleResolutionKind.Bundler;
    if (options.moduleResolution === ts.ModuleResolutionKind.Bundler) options.module = ts.ModuleKind.ESNext;
    const bundler = {
      ...options,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      module: ts.ModuleKind.ESNext,
    };
    const code = { ...bundler, noDtsResolution: true };
    const cache = (of) => ts.createModuleResolutionCache(copy, (x) => x, of);
    const references = (content.projectReferences ?? []).map((one) => ts.resolveProjectReferencePath(one)).filter(isFile);
    found = { options, bundler, cache: cache(options), bundlerCache: cache(bundler), code, codeCache: cache(code), files: new Set(content.fileNames), references, content };
    parsed.set(name, found);
  }
  return found;
}

/** The configuration that a file belongs to. */
function project(file) {
  for (let folder = path.dirname(file); inCopy(folder + "/"); folder = path.dirname(folder)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      const nearest = path.join(folder, name);
      if (!isFile(nearest)) continue;
      const first = config(nearest);
      if (first.files.has(file)) return first;
      const beside = fs.readdirSync(folder).filter((one) => /^tsconfig\..*\.json$/.test(one));
      const others = [...first.references, ...beside.map((one) => path.join(folder, one))];
      return others.map(config).find((one) => one.files.has(file)) ?? first;
    }
  }
  return config(path.join(copy, "no-such-tsconfig.json"));
}

for (const file of known) {
  if (!/(^|\/)tsconfig[^/]*\.json$/.test(file)) continue;
  const { content } = config(path.join(copy, file));
  if (!content.options.outDir && !content.options.declarationDir) continue;
  if (content.options.noEmit) continue;
  for (const input of content.fileNames) {
    if (input.endsWith(".d.ts")) continue;
    let names = [];
    try {
      names = ts.getOutputFileNames(content, input, false);
    } catch {}
    for (const output of names) {
      if (output.endsWith(".map") || isFile(output) || outputs.has(output)) continue;
      outputs.set(output, input);
      for (let folder = path.dirname(output); inCopy(folder) && !folders.has(folder); folder = path.dirname(folder)) folders.add(folder);
    }
  }
}

// Answers.

/** A resolved file as the source of the tree that stands for it. */
function source(name) {
  let file = realpath(name);
  const other = foreign(file);
  if (other && !isFile(file)) file = other[1] + other[2];
  return outputs.get(file) ?? file;
}

/** The package of the tree that an unresolved specifier names although what it names there is not built. */
function unbuilt(file, specifier) {
  const name = specifier.match(/^(@[^/]+\/[^/]+|[^@./#][^/]*)/)?.[0];
  if (specifier.startsWith(".")) {
    const target = path.posix.join(path.posix.dirname(file), specifier);
    for (let folder = path.posix.dirname(target); folder !== "." && folder !== ".."; folder = path.posix.dirname(folder)) {
      const manifest = manifests.get(folder);
      if (!manifest) continue;
      const output = target.slice(folder.length + 1).split("/")[0];
      const entries = JSON.stringify([manifest.main, manifest.module, manifest.types, manifest.bin, manifest.exports, manifest.files]);
      const pointed = new RegExp(`"(\\./)?${output.replace(/\W/g, "\\$&")}["/]`).test(entries);
      return pointed && !fs.existsSync(path.join(copy, folder, output)) ? folder : null;
    }
    return null;
  }
  if (!name) return null;
  for (let folder = path.posix.dirname(file); ; folder = path.posix.dirname(folder)) {
    const own = manifests.get(folder)?.name === name && manifests.get(folder)?.exports ? folder : undefined;
    const to = links.get(path.posix.join(folder, "node_modules", name)) ?? own;
    if (to !== undefined) return to;
    if (folder === ".") return null;
  }
}

let second = 0;
function answer(file, specifier) {
  const containing = path.join(copy, file);
  const { options, bundler, code, cache, bundlerCache, codeCache } = project(containing);
  const clean = /^[./@~#\w].*[?#]/.test(specifier) ? specifier.slice(0, 1) + specifier.slice(1).split(/[?#]/)[0] : specifier;
  const mode = ts.getImpliedNodeFormatForFile?.(containing, cache.getPackageJsonInfoCache(), host, options);
  let found = ts.resolveModuleName(clean, containing, options, host, cache, undefined, mode).resolvedModule;
  if (!found) {
    found = ts.resolveModuleName(clean, containing, bundler, host, bundlerCache).resolvedModule;
    if (found) second += 1;
  }
  if (found) {
    let file = source(found.resolvedFileName);
    if (/\.d\.[cm]?ts$/.test(file)) {
      const behind = ts.resolveModuleName(clean, containing, code, host, codeCache).resolvedModule;
      if (behind) file = source(behind.resolvedFileName);
    }
    const target = path.relative(copy, file);
    return known.has(target) ? `file\t${target}` : "outside";
  }
  const to = unbuilt(file, clean);
  return to === null ? "outside" : `unbuilt\t${to}`;
}

const answers = questions.map(([file, specifier]) => answer(file, specifier));
fs.writeFileSync(1, answers.join("\n") + "\n");
process.stderr.write(`oracle: typescript ${ts.version}, ${links.size} links, ${outputs.size} outputs of tsc, ${second} answers in bundler mode only\n`);
