"""Holds the scopes that authlint gives the names of Python files against Python's own symtable.

Reads what tests/python_oracle.rs prints on standard input; prints the names on which both disagree, and the sums.
"""

import ast
import collections
import symtable
import sys


def bytes_before_lines(text):
    starts, at = [], 0
    for line in text.encode().splitlines(keepends=True):
        starts.append(at)
        at += len(line)
    return starts


class Names(ast.NodeVisitor):
    """Where each name that is read is bound, by the offset of the name."""

    def __init__(self, text, path):
        self.starts = bytes_before_lines(text)
        self.module = symtable.symtable(text, path, "exec")
        self.stack = [self.module]
        self.used = collections.Counter()
        self.found = {}
        self.declared_global = set()
        self.collect_global(self.module)

    def collect_global(self, table):
        for symbol in table.get_symbols():
            if symbol.is_declared_global():
                self.declared_global.add(symbol.get_name())
        for child in table.get_children():
            self.collect_global(child)

    def inside(self, name, line, visit):
        parent = self.stack[-1]
        same = [child for child in parent.get_children() if child.get_name() == name and child.get_lineno() == line]
        key = (parent.get_id(), name, line)
        index = self.used[key]
        self.used[key] += 1
        if index >= len(same):
            raise LookupError(name)
        self.stack.append(same[index])
        visit()
        self.stack.pop()

    def place(self, name):
        table = self.stack[-1]
        try:
            symbol = table.lookup(name)
        except KeyError:
            # A private name inside of a class has another name there; what is read in an annotation has no entry.
            return None
        if table.get_type() == "module" or symbol.is_global():
            try:
                outer = self.module.lookup(name)
                bound = outer.is_assigned() or outer.is_imported() or outer.is_namespace()
            except KeyError:
                bound = False
            return "module" if bound or name in self.declared_global else "free"
        if table.get_type() == "class" and symbol.is_local():
            return "class"
        return "function"

    def visit_Name(self, node):
        if isinstance(node.ctx, ast.Load):
            offset = self.starts[node.lineno - 1] + node.col_offset
            self.found[offset] = (node.id, self.place(node.id))

    def function(self, node):
        for part in node.decorator_list:
            self.visit(part)
        self.signature(node.args)
        if node.returns:
            self.visit(node.returns)
        self.inside(node.name, node.lineno, lambda: [self.visit(part) for part in node.body])

    visit_FunctionDef = visit_AsyncFunctionDef = function

    def signature(self, args):
        for part in args.defaults + [default for default in args.kw_defaults if default]:
            self.visit(part)
        every = args.posonlyargs + args.args + args.kwonlyargs + [arg for arg in (args.vararg, args.kwarg) if arg]
        for arg in every:
            if arg.annotation:
                self.visit(arg.annotation)

    def visit_Lambda(self, node):
        self.signature(node.args)
        self.inside("lambda", node.lineno, lambda: self.visit(node.body))

    def visit_ClassDef(self, node):
        for part in node.decorator_list + node.bases + node.keywords:
            self.visit(part)
        self.inside(node.name, node.lineno, lambda: [self.visit(part) for part in node.body])

    def comprehension(self, name, node, elements):
        first, *rest = node.generators
        self.visit(first.iter)

        def body():
            for part in first.ifs:
                self.visit(part)
            self.visit(first.target)
            for generator in rest:
                self.visit(generator.iter)
                self.visit(generator.target)
                for part in generator.ifs:
                    self.visit(part)
            for element in elements:
                self.visit(element)

        self.inside(name, node.lineno, body)

    def visit_ListComp(self, node):
        self.comprehension("listcomp", node, [node.elt])

    def visit_SetComp(self, node):
        self.comprehension("setcomp", node, [node.elt])

    def visit_GeneratorExp(self, node):
        self.comprehension("genexpr", node, [node.elt])

    def visit_DictComp(self, node):
        self.comprehension("dictcomp", node, [node.key, node.value])


def main():
    ours = {}
    current = None
    problems = {}
    for line in sys.stdin:
        if line.startswith("file "):
            path, count = line[5:].rsplit(" ", 1)
            current = ours[path] = {}
            problems[path] = int(count)
        elif current is not None and line[:1].isdigit():
            offset, name, place = line.split()
            current[int(offset)] = (name, place)
    sums = collections.Counter()
    for path, names in ours.items():
        text = open(path, encoding="utf-8").read()
        try:
            with_python = Names(text, path)
            with_python.visit(ast.parse(text))
        except (SyntaxError, ValueError, LookupError, RecursionError) as error:
            sums[f"skipped ({type(error).__name__})"] += 1
            continue
        sums["files"] += 1
        sums["valid files with problems"] += problems[path] > 0
        if problems[path]:
            print("problem", path)
        for offset, (name, place) in with_python.found.items():
            known = names.get(offset)
            # The places of names inside of f-strings are wrong before Python 3.12.
            if place in ("class", None) or known and known[0] != name:
                continue
            if known is None:
                sums["not lowered"] += 1
                continue
            sums["names"] += 1
            same = known[1] == place or known[1] == "catch" and place in ("function", "module")
            if not same:
                sums["different"] += 1
                print(path, offset, name, "symtable:", place, "authlint:", *known)
    for what, count in sorted(sums.items()):
        print(f"{what}: {count}")


main()
