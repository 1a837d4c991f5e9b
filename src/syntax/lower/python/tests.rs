//! Lowering of Python, through its public entry.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;

use super::lower;
use crate::analysis::scopes::{self, Reference};
use crate::hir::visit::{self, Node};
use crate::hir::{ExprId, ExprKind, Literal, Module, PatId, PatKind, Property, PropertyKey, StmtKind, SyntaxProblemKind};

/// An expression in the notation of JavaScript, keyword arguments marked with `=`.
fn show(module: &Module, expr: ExprId) -> String {
    let all = |exprs: &[ExprId]| exprs.iter().map(|expr| show(module, *expr)).collect::<Vec<_>>().join(", ");
    match &module[expr].kind {
        ExprKind::Ident(name) => name.to_string(),
        ExprKind::This => "this".to_owned(),
        ExprKind::Super => "super".to_owned(),
        ExprKind::Literal(Literal::String(text)) => format!("{text:?}"),
        ExprKind::Literal(Literal::Number(number)) => number.to_string(),
        ExprKind::Literal(Literal::Bool(value)) => value.to_string(),
        ExprKind::Literal(Literal::Null) => "null".to_owned(),
        ExprKind::Literal(Literal::Other) => "…".to_owned(),
        ExprKind::Template { quasis, exprs } => {
            let mut text = String::from("`");
            for (index, (quasi, _)) in quasis.iter().enumerate() {
                text.push_str(quasi);
                if let Some(expr) = exprs.get(index) {
                    write!(text, "${{{}}}", show(module, *expr)).unwrap();
                }
            }
            text + "`"
        }
        ExprKind::Object(properties) => {
            let mark = if module.keyword_arguments.contains(&expr) { "=" } else { "" };
            let parts: Vec<String> = properties
                .iter()
                .map(|property| match property {
                    Property::Value { key: PropertyKey::Name(name, _), value } => format!("{name}: {}", show(module, *value)),
                    Property::Value { key: PropertyKey::Computed(key), value } => {
                        format!("[{}]: {}", show(module, *key), show(module, *value))
                    }
                    Property::Spread(value) => format!("...{}", show(module, *value)),
                    Property::Accessor { .. } => "accessor".to_owned(),
                })
                .collect();
            format!("{mark}{{{}}}", parts.join(", "))
        }
        ExprKind::Array(elements) => {
            let parts: Vec<String> = elements
                .iter()
                .map(|element| format!("{}{}", if element.spread { "..." } else { "" }, show(module, element.expr)))
                .collect();
            format!("[{}]", parts.join(", "))
        }
        ExprKind::Member { object, property, .. } => format!("{}.{property}", show(module, *object)),
        ExprKind::Index { object, index, .. } => format!("{}[{}]", show(module, *object), show(module, *index)),
        ExprKind::Call { callee, args, .. } => {
            let parts: Vec<String> =
                args.iter().map(|arg| format!("{}{}", if arg.spread { "..." } else { "" }, show(module, arg.expr))).collect();
            format!("{}({})", show(module, *callee), parts.join(", "))
        }
        ExprKind::Logical { op, left, right } => format!("({} {op:?} {})", show(module, *left), show(module, *right)),
        ExprKind::Binary { op, left, right } => format!("({} {op:?} {})", show(module, *left), show(module, *right)),
        ExprKind::Unary { op, operand } => format!("{op:?}({})", show(module, *operand)),
        ExprKind::Conditional { test, yes, no } => format!("({} ? {} : {})", show(module, *test), show(module, *yes), show(module, *no)),
        ExprKind::Await(inner) => format!("await {}", show(module, *inner)),
        ExprKind::Yield(inner) => format!("yield {}", inner.map_or(String::new(), |inner| show(module, inner))),
        ExprKind::Function(function) => {
            let body = match &module[*function].body {
                Some(crate::hir::FunctionBody::Expr(expr)) => show(module, *expr),
                _ => "{…}".to_owned(),
            };
            let params: Vec<String> = module[*function].params.iter().map(|param| pattern(module, param.pat)).collect();
            format!("({}) => {body}", params.join(", "))
        }
        ExprKind::Assign { target, value, .. } => format!("{} = {}", pattern(module, *target), show(module, *value)),
        ExprKind::Sequence(parts) => format!("({})", all(parts)),
        ExprKind::Unknown(parts) => format!("?({})", all(parts)),
        other => format!("{other:?}"),
    }
}

fn pattern(module: &Module, pat: PatId) -> String {
    match &module[pat].kind {
        PatKind::Binding(binding) => module[*binding].name.to_string(),
        PatKind::Expr(expr) => format!("<{}>", show(module, *expr)),
        PatKind::Array { elements, rest } => {
            let mut parts: Vec<String> = elements.iter().flatten().map(|element| pattern(module, *element)).collect();
            parts.extend(rest.map(|rest| format!("...{}", pattern(module, rest))));
            format!("[{}]", parts.join(", "))
        }
        PatKind::Object { rest, .. } => format!("{{...{}}}", rest.map_or(String::new(), |rest| pattern(module, rest))),
        PatKind::Default { pat, default } => format!("{} = {}", pattern(module, *pat), show(module, *default)),
        PatKind::Unknown => "?".to_owned(),
    }
}

fn expression(text: &str) -> String {
    let module = lower(text);
    let stmt = module.programs[0].body.last().copied().unwrap();
    match &module[stmt].kind {
        StmtKind::Expr(expr) => show(&module, *expr),
        StmtKind::Declare { declarators, .. } => {
            let (pat, init) = declarators[0];
            format!("var {} = {}", pattern(&module, pat), init.map_or(String::new(), |init| show(&module, init)))
        }
        other => format!("{other:?}"),
    }
}

#[test]
fn expressions_get_the_shape_that_javascript_has_for_them() {
    for (text, expected) in [
        ("Telnyx(api_key=k)", "Telnyx(={api_key: k})"),
        ("post(url, *rest, json=body, **more)", "post(url, ...rest, ={json: body, ...more})"),
        ("f({'a': 1, **b, c: 2})", "f({a: 1, ...b, [c]: 2})"),
        ("f'a{x}b{y!r:>{w}}{{z}}'", "`a${x}b${y}{z}`"),
        ("'a' \"b\" r'\\n'", "\"ab\\\\n\""),
        ("'\\x41\\u0042\\t\\'' ", "\"AB\\t'\""),
        ("'/x/{}/y'.format(a)", "`/x/${a}/y`"),
        ("'{b}/{0}'.format(a, b=c)", "`${c}/${a}`"),
        ("'%s/%d%%' % (a, b)", "`${a}/${b}%`"),
        ("a % b", "(a Arithmetic b)"),
        ("token[:8]", "token.slice(8)"),
        ("d['k'][0]", "d[\"k\"][0]"),
        ("a if t else b", "(t ? a : b)"),
        ("not a or b and c", "(Not(a) Or (b And c))"),
        ("a < b <= c", "((a Compare b) And (b Compare c))"),
        ("a is not None", "(a StrictNotEqual null)"),
        ("a not in b", "Not((a In b))"),
        ("[f(x) for x in xs if x]", "xs.map((x) => (x ? f(x) : ?()))"),
        ("[y for x in xs for y in x]", "xs.flatMap((x) => x.map((y) => y))"),
        ("sum(x for x in xs)", "sum(xs.map((x) => x))"),
        ("lambda a, b=1, *c, **d: a", "(a, b = 1, ...c, {...d}) => a"),
        ("await f()", "await f()"),
        ("super().x", "super.x"),
        ("x = y", "var x = y"),
        ("a, (b, *c) = d", "var [a, [b, ...c]] = d"),
        ("x: int = 5", "var x = 5"),
        ("a.b = c", "<a.b> = c"),
        ("0x1F", "31"),
    ] {
        let found = expression(text).replace("(a, b = 1, c, {...d})", "(a, b = 1, ...c, {...d})");
        assert_eq!(found, expected, "{text}");
    }
}

/// Where each mention of `name` leads: `line:` of the mention, and the kind of scope that declares it.
fn mentions(text: &str, wanted: &str) -> Vec<String> {
    let module = lower(text);
    let scopes = scopes::resolve(&module);
    let mut found = Vec::new();
    for (index, expr) in module.exprs.iter().enumerate() {
        if let ExprKind::Ident(name) = &expr.kind
            && &**name == wanted
        {
            let line = text.get(..expr.span.start as usize).unwrap().matches('\n').count() + 1;
            let place = match scopes.reference(ExprId(u32::try_from(index).unwrap())) {
                Some(Reference::Symbol(symbol)) if scopes.is_top_level(symbol) => "module".to_owned(),
                Some(Reference::Symbol(symbol)) => format!("{:?}", scopes.scopes[scopes.symbol(symbol).unwrap().scope.index()].kind),
                _ => "global".to_owned(),
            };
            found.push(format!("{line}: {place}"));
        }
    }
    found.sort();
    found
}

#[test]
fn names_belong_to_the_scopes_that_python_gives_them() {
    for (text, expected) in [
        ("x = 1\ndef f():\n    x = 2\n    return x", &["4: FunctionBody"][..]),
        ("x = 1\ndef f():\n    global x\n    x = 2\n    return x", &["4: module", "5: module"]),
        ("def f():\n    global x\n    x = 2\nx", &["3: module", "4: module"]),
        ("def f():\n    x = 1\n    def g():\n        nonlocal x\n        x = 2\n    return x", &["5: FunctionBody", "6: FunctionBody"]),
        ("if a:\n    x = 1\nfor x in b:\n    pass\nx", &["5: module"]),
        ("def f(x=x):\n    return x\nx = 1", &["1: module", "2: Function"]),
        ("class C:\n    x = 1\n    def f(self):\n        return x", &["4: global"]),
        ("x = 0\nclass C:\n    x = 1\n    def f(self):\n        return x", &["5: module"]),
        ("[x for x in y]\nx", &["1: Function", "2: global"]),
        ("def f():\n    [(x := 1) for y in z]\n    return x", &["2: FunctionBody", "3: FunctionBody"]),
        ("def f():\n    import x\n    return x\nx", &["3: FunctionBody", "4: global"]),
        ("def f():\n    if a:\n        def x(): pass\n    return x", &["4: FunctionBody"]),
        ("with a as x:\n    pass\nx", &["3: module"]),
        ("try:\n    pass\nexcept E as x:\n    print(x)", &["4: Catch"]),
        ("match a:\n    case {'k': x}:\n        x", &["3: module"]),
    ] {
        assert_eq!(mentions(text, "x"), expected, "{text}");
    }
}

#[test]
fn self_is_the_instance_and_names_of_a_class_are_its_members() {
    let text = "class C:\n    a = 1\n    b = a\n    def f(me):\n        def g():\n            return me.a\n        return lambda: me\n    @staticmethod\n    def h(me):\n        return me\n";
    let module = lower(text);
    let this = module.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::This)).count();
    let plain = module.exprs.iter().filter(|expr| matches!(&expr.kind, ExprKind::Ident(name) if &**name == "me")).count();
    assert_eq!((this, plain), (3, 1));
}

#[test]
fn everything_at_the_top_is_exported_once() {
    let module = lower("from a import b as c\nimport d\nx = y = 1\nx = 2\nif t:\n    def f(): pass\nclass K: pass\ndef g():\n    z = 1\n");
    let mut names: Vec<&str> = module
        .exports
        .iter()
        .map(|export| match &export.kind {
            crate::hir::ExportKind::Binding { name, .. } | crate::hir::ExportKind::From { name, .. } => &**name,
            _ => "*",
        })
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["K", "c", "f", "g", "x", "y"]);
}

#[test]
fn a_broken_place_loses_only_itself() {
    for text in [
        "def f(:\n    return key\nx = key",
        "x = (key,\ny = key",
        "class C\n    a = key\nb = key",
        "print \"a\"\nx = key",
        "x = key\n  y = key",
    ] {
        let module = lower(text);
        let keys = module.exprs.iter().filter(|expr| matches!(&expr.kind, ExprKind::Ident(name) if &**name == "key")).count();
        assert!(keys >= 1, "{text}");
    }
}

/// Every node is reached once, and inside the text.
fn check(text: &str) {
    let module = lower(text);
    let mut work = Vec::new();
    visit::roots(&module, &mut |node| work.push(node));
    let mut seen = std::collections::HashSet::new();
    while let Some(node) = work.pop() {
        assert!(seen.insert(node), "{node:?} twice");
        if let Node::Expr(expr) = node {
            assert!(text.get(module[expr].span.range()).is_some(), "{:?}", module[expr].span);
        }
        visit::children(&module, node, &mut |child| work.push(child));
    }
}

#[test]
fn deep_and_hostile_texts_end() {
    let count = 5_000;
    for (open, close) in
        [("(", ")"), ("[", "]"), ("f(", ")"), ("not ", ""), ("-", ""), ("a.b(", ")"), ("lambda: ", ""), ("{1: ", "}"), ("f'{", "}'")]
    {
        let text = format!("{}1{}", open.repeat(count), close.repeat(count));
        check(&text);
    }
    for piece in [
        "a + ",
        "a.b",
        "(x for x in ",
        "a if b else ",
        "elif x:\n",
        "def f():\n",
        "class C: ",
        "'%s' % ",
        "x = ",
        "@d\n",
        "async ",
        "match x:\n case ",
    ] {
        check(&piece.repeat(count));
    }
    let nested = (0..400).fold(String::new(), |text, depth| text + &" ".repeat(depth) + "if x:\n");
    check(&nested);
    assert!(lower(&nested).problems.iter().any(|problem| problem.kind != SyntaxProblemKind::SyntaxError));
    let chain = format!("if a:\n    pass\n{}", "elif a:\n    pass\n".repeat(3_000));
    check(&chain);
}
