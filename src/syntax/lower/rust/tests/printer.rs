//! HIR in the notation of JavaScript, on one line.

#![allow(clippy::unwrap_used)]

use std::fmt::Write as _;

use crate::hir::{
    ClassMemberKind, ExprId, ExprKind, Function, FunctionBody, FunctionId, FunctionKind, Literal, Module, PatId, PatKind, Property,
    PropertyKey, StmtId, StmtKind,
};

/// The statements of a file.
pub(super) fn program(module: &Module) -> String {
    module.programs.iter().flat_map(|program| &program.body).map(|stmt| statement(module, *stmt)).collect::<Vec<_>>().join(" ")
}

/// The members of a class.
pub(super) fn class(module: &Module, name: &str) -> String {
    let named = |class: &&crate::hir::Class| class.name.is_some_and(|own| &*module[own].name == name);
    let Some(class) = module.classes.iter().find(named) else { return "none".to_owned() };
    let above = class.super_class.map(|above| format!("extends {}", expression(module, above)));
    let members = class.members.iter().map(|member| {
        let key = member.key.as_ref().and_then(PropertyKey::name).unwrap_or("?");
        let fixed = if member.is_static { "static " } else { "" };
        match &member.kind {
            ClassMemberKind::Field(Some(value)) => format!("{fixed}{key} = {}", expression(module, *value)),
            ClassMemberKind::Field(None) => format!("{fixed}{key}"),
            ClassMemberKind::Method(method) => {
                let function = &module[*method];
                let body = block(module, function);
                if function.kind == FunctionKind::Getter {
                    format!("{fixed}get {key} {body}")
                } else if function.body.is_some() {
                    format!("{fixed}{key}({}) {body}", params(module, function))
                } else {
                    format!("{fixed}{key}({})", params(module, function))
                }
            }
            ClassMemberKind::StaticBlock(_) => "static block".to_owned(),
        }
    });
    above.into_iter().chain(members).collect::<Vec<_>>().join("; ")
}

fn params(module: &Module, function: &Function) -> String {
    function.params.iter().map(|param| pattern(module, param.pat)).collect::<Vec<_>>().join(", ")
}

fn block(module: &Module, function: &Function) -> String {
    match &function.body {
        Some(FunctionBody::Block(body)) => braces(module, body),
        Some(FunctionBody::Expr(value)) => expression(module, *value),
        None => String::new(),
    }
}

fn braces(module: &Module, body: &[StmtId]) -> String {
    if body.is_empty() {
        return "{ }".to_owned();
    }
    format!("{{ {} }}", body.iter().map(|stmt| statement(module, *stmt)).collect::<Vec<_>>().join(" "))
}

fn declared(module: &Module, id: FunctionId) -> String {
    let function = &module[id];
    let name = function.name.map_or("", |name| &module[name].name);
    let decorators: Vec<String> = function.decorators.iter().map(|decorator| format!("@{} ", expression(module, *decorator))).collect();
    let decorators = decorators.concat();
    format!("{decorators}function {name}({}) {}", params(module, function), block(module, function))
}

fn statement(module: &Module, stmt: StmtId) -> String {
    let show = |expr: ExprId| expression(module, expr);
    match &module[stmt].kind {
        StmtKind::Expr(expr) => format!("{};", show(*expr)),
        StmtKind::Declare { kind, declarators } => {
            let keyword = if *kind == crate::hir::BindingKind::Const { "const" } else { "let" };
            let parts: Vec<String> = declarators
                .iter()
                .map(|(pat, init)| match init {
                    Some(init) => format!("{} = {}", pattern(module, *pat), show(*init)),
                    None => pattern(module, *pat),
                })
                .collect();
            format!("{keyword} {};", parts.join(", "))
        }
        StmtKind::Function(function) => declared(module, *function),
        StmtKind::Class(_) => "class".to_owned(),
        StmtKind::Return(Some(value)) => format!("return {};", show(*value)),
        StmtKind::Return(None) => "return;".to_owned(),
        StmtKind::Throw(value) => format!("throw {};", show(*value)),
        StmtKind::If { test, then, otherwise } => {
            let otherwise = otherwise.map_or(String::new(), |otherwise| format!(" else {}", statement(module, otherwise)));
            format!("if ({}) {}{otherwise}", show(*test), statement(module, *then))
        }
        StmtKind::While { test, body } => format!("while ({}) {}", show(*test), statement(module, *body)),
        StmtKind::ForEach { pat, iterable, body, .. } => {
            format!("for (let {} of {}) {}", pattern(module, *pat), show(*iterable), statement(module, *body))
        }
        StmtKind::Block(body) => braces(module, body),
        StmtKind::Namespace { binding, body } => format!("namespace {} {}", module[*binding].name, braces(module, body)),
        StmtKind::Jump => "jump;".to_owned(),
        other => format!("{other:?}"),
    }
}

fn list(module: &Module, exprs: impl IntoIterator<Item = ExprId>) -> String {
    exprs.into_iter().map(|expr| expression(module, expr)).collect::<Vec<_>>().join(", ")
}

fn expression(module: &Module, expr: ExprId) -> String {
    let show = |expr: ExprId| expression(module, expr);
    match &module[expr].kind {
        ExprKind::Ident(name) => name.to_string(),
        ExprKind::This => "this".to_owned(),
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
                    write!(text, "${{{}}}", show(*expr)).unwrap();
                }
            }
            text + "`"
        }
        ExprKind::Object(properties) => {
            let parts: Vec<String> = properties
                .iter()
                .map(|property| match property {
                    Property::Value { key: PropertyKey::Name(name, _), value } => format!("{name}: {}", show(*value)),
                    Property::Value { key: PropertyKey::Computed(key), value } => format!("[{}]: {}", show(*key), show(*value)),
                    Property::Spread(value) => format!("...{}", show(*value)),
                    Property::Accessor { .. } => "accessor".to_owned(),
                })
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        ExprKind::Array(elements) => format!("[{}]", list(module, elements.iter().map(|element| element.expr))),
        ExprKind::Member { object, property, .. } => format!("{}.{property}", show(*object)),
        ExprKind::Index { object, index, .. } => format!("{}[{}]", show(*object), show(*index)),
        ExprKind::Call { callee, args, .. } => {
            let args = list(module, args.iter().map(|arg| arg.expr));
            match module[*callee].kind {
                ExprKind::Function(_) => format!("({})({args})", show(*callee)),
                _ => format!("{}({args})", show(*callee)),
            }
        }
        ExprKind::New { callee, args } => format!("new {}({})", show(*callee), list(module, args.iter().map(|arg| arg.expr))),
        ExprKind::ImportCall { specifier } => format!("import({})", show(*specifier)),
        ExprKind::Assign { target, value, .. } => format!("{} = {}", pattern(module, *target), show(*value)),
        ExprKind::Logical { op, left, right } => format!("({} {op:?} {})", show(*left), show(*right)),
        ExprKind::Binary { op, left, right } => format!("({} {op:?} {})", show(*left), show(*right)),
        ExprKind::Unary { op, operand } => format!("{op:?}({})", show(*operand)),
        ExprKind::Conditional { test, yes, no } => format!("({} ? {} : {})", show(*test), show(*yes), show(*no)),
        ExprKind::Await(inner) => format!("await {}", show(*inner)),
        ExprKind::Cast { expr, .. } => show(*expr),
        ExprKind::Function(function) => {
            let is_async = if module[*function].is_async { "async " } else { "" };
            format!("{is_async}({}) => {}", params(module, &module[*function]), block(module, &module[*function]))
        }
        ExprKind::Unknown(parts) => format!("?({})", list(module, parts.iter().copied())),
        other => format!("{other:?}"),
    }
}

fn pattern(module: &Module, pat: PatId) -> String {
    match &module[pat].kind {
        PatKind::Binding(binding) => module[*binding].name.to_string(),
        PatKind::Expr(expr) => expression(module, *expr),
        PatKind::Array { elements, .. } => {
            format!("[{}]", elements.iter().flatten().map(|element| pattern(module, *element)).collect::<Vec<_>>().join(", "))
        }
        PatKind::Object { properties, .. } => {
            let parts: Vec<String> = properties
                .iter()
                .map(|property| format!("{}: {}", property.key.name().unwrap_or("?"), pattern(module, property.pat)))
                .collect();
            format!("{{{}}}", parts.join(", "))
        }
        PatKind::Default { pat, .. } => pattern(module, *pat),
        PatKind::Unknown => "?".to_owned(),
    }
}
