//! A compact S-expression form of a module, so that a test can state the whole shape in one line.

#![allow(clippy::format_collect, reason = "a printer for tests: shortness counts")]

use std::fmt::Write as _;

use crate::hir::{
    AssignOp, BindingId, BindingKind, ClassId, ClassMemberKind, Element, ExportKind, ExprId, ExprKind, FunctionBody, FunctionId,
    FunctionKind, Imported, JsxAttribute, JsxTag, Literal, LogicalOp, Module, PatId, PatKind, Property, PropertyKey, StmtId, StmtKind,
    TypeName, UnaryOp,
};

/// Prints the bodies of all programs, then imports and exports, then how many problems there are.
pub(super) fn print(module: &Module) -> String {
    let printer = Printer(module);
    let mut parts = Vec::new();
    for program in &module.programs {
        parts.extend(program.directives.iter().map(|(text, _)| format!("(directive {text:?})")));
        parts.extend(program.body.iter().map(|stmt| printer.stmt(*stmt)));
    }
    for import in &module.imports {
        let names: String =
            import.names.iter().map(|name| format!(" {}={}", imported(&name.imported), printer.binding(name.local))).collect();
        parts.push(format!("(import{} {:?}{names})", if import.type_only { "-type" } else { "" }, import.specifier));
    }
    for export in &module.exports {
        let kind = match &export.kind {
            ExportKind::Binding { name, binding } => format!("{name}={}", printer.binding(*binding)),
            ExportKind::Expr { name, expr } => format!("{name} {}", printer.expr(*expr)),
            ExportKind::From { name, imported: from, specifier, .. } => format!("{name}={} {specifier:?}", imported(from)),
            ExportKind::Star { specifier, .. } => format!("* {specifier:?}"),
        };
        parts.push(format!("(export{} {kind})", if export.type_only { "-type" } else { "" }));
    }
    if !module.problems.is_empty() {
        parts.push(format!("!{}", module.problems.len()));
    }
    parts.join(" ")
}

fn imported(imported: &Imported) -> String {
    match imported {
        Imported::Named(name) => name.to_string(),
        Imported::Default => "default".to_owned(),
        Imported::Namespace => "*".to_owned(),
    }
}

struct Printer<'a>(&'a Module);

impl Printer<'_> {
    fn list<T: Copy>(&self, items: &[T], print: impl Fn(&Self, T) -> String) -> String {
        items.iter().fold(String::new(), |mut list, item| {
            let _ = write!(list, " {}", print(self, *item));
            list
        })
    }

    fn binding(&self, id: BindingId) -> String {
        let binding = &self.0[id];
        let kind = match binding.kind {
            BindingKind::TypeImport => "type ",
            _ => "",
        };
        format!("{kind}{}{}", binding.name, annotation(binding.type_name.as_ref()))
    }

    fn block(&self, body: &[StmtId]) -> String {
        format!("{{{}}}", self.list(body, Self::stmt).trim_start())
    }

    fn stmt(&self, id: StmtId) -> String {
        match &self.0[id].kind {
            StmtKind::Expr(expr) => self.expr(*expr),
            StmtKind::Declare { kind, declarators } => {
                let list = declarators.iter().fold(String::new(), |mut list, (pat, init)| {
                    let init = init.map(|init| format!(" {}", self.expr(init))).unwrap_or_default();
                    let _ = write!(list, " [{}{init}]", self.pat(*pat));
                    list
                });
                format!("({}{list})", keyword(*kind))
            }
            StmtKind::Function(function) => self.function(*function),
            StmtKind::Class(class) => self.class(*class),
            StmtKind::Return(expr) => format!("(return{})", self.optional(*expr)),
            StmtKind::Throw(expr) => format!("(throw {})", self.expr(*expr)),
            StmtKind::If { test, then, otherwise } => {
                let otherwise = otherwise.map(|stmt| format!(" {}", self.stmt(stmt))).unwrap_or_default();
                format!("(if {} {}{otherwise})", self.expr(*test), self.stmt(*then))
            }
            StmtKind::For { init, test, update, body } => {
                let init = init.map_or_else(|| "_".to_owned(), |init| self.stmt(init));
                let part = |part: Option<ExprId>| part.map_or_else(|| "_".to_owned(), |part| self.expr(part));
                format!("(for {init} {} {} {})", part(*test), part(*update), self.stmt(*body))
            }
            StmtKind::ForEach { declared, pat, iterable, of, body } => format!(
                "(for-{} {}{} {} {})",
                if *of { "of" } else { "in" },
                declared.map(|kind| format!("{} ", keyword(kind))).unwrap_or_default(),
                self.pat(*pat),
                self.expr(*iterable),
                self.stmt(*body)
            ),
            StmtKind::While { test, body } => format!("(while {} {})", self.expr(*test), self.stmt(*body)),
            StmtKind::Try { block, param, handler, finalizer } => {
                let param = param.map(|param| format!(" {}", self.pat(param))).unwrap_or_default();
                let handler = handler.map(|handler| format!(" (catch{param} {})", self.stmt(handler))).unwrap_or_default();
                let finalizer = finalizer.map(|finalizer| format!(" (finally {})", self.stmt(finalizer))).unwrap_or_default();
                format!("(try {}{handler}{finalizer})", self.stmt(*block))
            }
            StmtKind::Switch { discriminant, cases } => {
                let cases = cases.iter().fold(String::new(), |mut list, (test, body)| {
                    let test = test.map_or_else(|| "default".to_owned(), |test| self.expr(test));
                    let _ = write!(list, " [{test}{}]", self.list(body, Self::stmt));
                    list
                });
                format!("(switch {}{cases})", self.expr(*discriminant))
            }
            StmtKind::Block(body) => self.block(body),
            StmtKind::Labeled(stmt) => format!("(label {})", self.stmt(*stmt)),
            StmtKind::Jump => "jump".to_owned(),
            StmtKind::ExportDefault(expr) => format!("(default {})", self.expr(*expr)),
            StmtKind::Enum { binding, object } => format!("(enum {} {})", self.binding(*binding), self.expr(*object)),
            StmtKind::Namespace { binding, body } => format!("(namespace {} {})", self.binding(*binding), self.block(body)),
            StmtKind::Empty => "_".to_owned(),
            StmtKind::Unknown(body) => format!("(unknown{})", self.list(body, Self::stmt)),
        }
    }

    fn optional(&self, expr: Option<ExprId>) -> String {
        expr.map(|expr| format!(" {}", self.expr(expr))).unwrap_or_default()
    }

    fn elements(&self, elements: &[Element]) -> String {
        self.list(elements, |printer, element| format!("{}{}", if element.spread { "..." } else { "" }, printer.expr(element.expr)))
    }

    pub(super) fn expr(&self, id: ExprId) -> String {
        match &self.0[id].kind {
            ExprKind::Unknown(children) => format!("(?{})", self.list(children, Self::expr)),
            ExprKind::Ident(name) => name.to_string(),
            ExprKind::This => "this".to_owned(),
            ExprKind::Super => "super".to_owned(),
            ExprKind::Literal(literal) => match literal {
                Literal::String(text) => format!("{text:?}"),
                Literal::Number(number) => number.to_string(),
                Literal::Bool(value) => value.to_string(),
                Literal::Null => "null".to_owned(),
                Literal::Other => "literal".to_owned(),
            },
            ExprKind::Template { quasis, exprs } => {
                let mut parts = String::new();
                for (index, (text, _)) in quasis.iter().enumerate() {
                    let _ = write!(parts, " {text:?}");
                    if let Some(expr) = exprs.get(index) {
                        let _ = write!(parts, " {}", self.expr(*expr));
                    }
                }
                assert_eq!(quasis.len(), exprs.len() + 1, "a template has one quasi more than holes");
                format!("(`{parts})")
            }
            ExprKind::TaggedTemplate { tag, template } => format!("(tagged {} {})", self.expr(*tag), self.expr(*template)),
            ExprKind::Object(properties) => {
                let list = properties.iter().fold(String::new(), |mut list, property| {
                    let _ = match property {
                        Property::Value { key, value } => write!(list, " {}:{}", self.key(key), self.expr(*value)),
                        Property::Accessor { key, function } => write!(list, " {}:{}", self.key(key), self.function(*function)),
                        Property::Spread(expr) => write!(list, " ...{}", self.expr(*expr)),
                    };
                    list
                });
                format!("({{}}{list})")
            }
            ExprKind::Array(elements) => format!("([]{})", self.elements(elements)),
            ExprKind::Function(function) => self.function(*function),
            ExprKind::Class(class) => self.class(*class),
            ExprKind::Member { object, property, optional, .. } => {
                format!("({} {} {property})", if *optional { "?." } else { "." }, self.expr(*object))
            }
            ExprKind::Index { object, index, optional } => {
                format!("({} {} {})", if *optional { "?.[" } else { "[" }, self.expr(*object), self.expr(*index))
            }
            ExprKind::Call { callee, args, optional } => {
                format!("({} {}{})", if *optional { "?.call" } else { "call" }, self.expr(*callee), self.elements(args))
            }
            ExprKind::New { callee, args } => format!("(new {}{})", self.expr(*callee), self.elements(args)),
            ExprKind::ImportCall { specifier } => format!("(import {})", self.expr(*specifier)),
            ExprKind::ImportMeta => "import.meta".to_owned(),
            ExprKind::Assign { op, target, value } => {
                let op = match op {
                    AssignOp::Assign => "=",
                    AssignOp::Add => "+=",
                    AssignOp::Logical(LogicalOp::And) => "&&=",
                    AssignOp::Logical(LogicalOp::Or) => "||=",
                    AssignOp::Logical(LogicalOp::Nullish) => "??=",
                    AssignOp::Other => "o=",
                };
                format!("({op} {} {})", self.pat(*target), self.expr(*value))
            }
            ExprKind::Unary { op, operand } => {
                let op = match op {
                    UnaryOp::Not => "!",
                    UnaryOp::TypeOf => "typeof",
                    UnaryOp::Delete => "delete",
                    UnaryOp::Void => "void",
                    UnaryOp::Minus => "-",
                    UnaryOp::Plus => "+",
                    UnaryOp::Update => "update",
                    UnaryOp::Other => "unary",
                };
                format!("({op} {})", self.expr(*operand))
            }
            ExprKind::Binary { op, left, right } => format!("({op:?} {} {})", self.expr(*left), self.expr(*right)),
            ExprKind::Logical { op, left, right } => format!("({op:?} {} {})", self.expr(*left), self.expr(*right)),
            ExprKind::Conditional { test, yes, no } => format!("(cond {} {} {})", self.expr(*test), self.expr(*yes), self.expr(*no)),
            ExprKind::Await(expr) => format!("(await {})", self.expr(*expr)),
            ExprKind::Yield(expr) => format!("(yield{})", self.optional(*expr)),
            ExprKind::Sequence(exprs) => format!("(seq{})", self.list(exprs, Self::expr)),
            ExprKind::Cast { expr, type_name } => format!("(cast {}{})", self.expr(*expr), annotation(type_name.as_ref())),
            ExprKind::Jsx(element) => {
                let tag = match &element.tag {
                    JsxTag::Intrinsic(name) => format!("<{name}>"),
                    JsxTag::Component(expr) => format!("<{}>", self.expr(*expr)),
                    JsxTag::Fragment => "<>".to_owned(),
                };
                let attributes = element.attributes.iter().fold(String::new(), |mut list, attribute| {
                    let _ = match attribute {
                        JsxAttribute::Named { name, value: Some(value), .. } => write!(list, " {name}={}", self.expr(*value)),
                        JsxAttribute::Named { name, value: None, .. } => write!(list, " {name}"),
                        JsxAttribute::Spread(expr) => write!(list, " ...{}", self.expr(*expr)),
                    };
                    list
                });
                format!("({tag}{attributes}{})", self.list(&element.children, Self::expr))
            }
            ExprKind::TypedIn => "typed-in".to_owned(),
            ExprKind::TemplateHole(text) => format!("(hole {text:?})"),
        }
    }

    fn key(&self, key: &PropertyKey) -> String {
        match key {
            PropertyKey::Name(name, _) => name.to_string(),
            PropertyKey::Computed(expr) => format!("[{}]", self.expr(*expr)),
        }
    }

    fn pat(&self, id: PatId) -> String {
        match &self.0[id].kind {
            PatKind::Binding(binding) => self.binding(*binding),
            PatKind::Expr(expr) => self.expr(*expr),
            PatKind::Object { properties, rest } => {
                let mut list = properties.iter().fold(String::new(), |mut list, property| {
                    let _ = write!(list, " {}:{}", self.key(&property.key), self.pat(property.pat));
                    list
                });
                list.extend(rest.map(|rest| format!(" ...{}", self.pat(rest))));
                format!("({{}}{list})")
            }
            PatKind::Array { elements, rest } => {
                let mut list = self.list(elements, |printer, element| element.map_or_else(|| "_".to_owned(), |pat| printer.pat(pat)));
                list.extend(rest.map(|rest| format!(" ...{}", self.pat(rest))));
                format!("([]{list})")
            }
            PatKind::Default { pat, default } => format!("(= {} {})", self.pat(*pat), self.expr(*default)),
            PatKind::Unknown => "?".to_owned(),
        }
    }

    fn function(&self, id: FunctionId) -> String {
        let function = &self.0[id];
        let mut head = match function.kind {
            FunctionKind::Declaration | FunctionKind::Expression => "function",
            FunctionKind::Arrow => "=>",
            FunctionKind::Method => "method",
            FunctionKind::Getter => "get",
            FunctionKind::Setter => "set",
            FunctionKind::Constructor => "constructor",
        }
        .to_owned();
        if function.is_async {
            head.insert_str(0, "async-");
        }
        if function.is_generator {
            head.push('*');
        }
        head.extend(function.name.map(|name| format!(" {}", self.binding(name))));
        let params = function.params.iter().fold(String::new(), |mut list, param| {
            let decorators: String = param.decorators.iter().map(|decorator| format!("@{} ", self.expr(*decorator))).collect();
            let field = if param.field { "field " } else { "" };
            let rest = if param.rest { "..." } else { "" };
            let _ = write!(list, " {decorators}{field}{rest}{}", self.pat(param.pat));
            list
        });
        let directives: String = function.directives.iter().map(|(text, _)| format!("{text:?} ")).collect();
        let body = match &function.body {
            Some(FunctionBody::Block(body)) => format!(" {directives}{}", self.block(body)),
            Some(FunctionBody::Expr(expr)) => format!(" {}", self.expr(*expr)),
            None => String::new(),
        };
        format!("({head} [{}]{body})", params.trim_start())
    }

    fn class(&self, id: ClassId) -> String {
        let class = &self.0[id];
        let mut parts: String = class.decorators.iter().map(|decorator| format!("@{} ", self.expr(*decorator))).collect();
        parts.push_str(if class.is_declaration { "class" } else { "class-expr" });
        parts.extend(class.name.map(|name| format!(" {}", self.binding(name))));
        parts.extend(class.super_class.map(|super_class| format!(" < {}", self.expr(super_class))));
        for member in &class.members {
            let decorators: String = member.decorators.iter().map(|decorator| format!("@{} ", self.expr(*decorator))).collect();
            let key = member.key.as_ref().map(|key| self.key(key)).unwrap_or_default();
            let is_static = if member.is_static { "static " } else { "" };
            let value = match &member.kind {
                ClassMemberKind::Method(function) => self.function(*function),
                ClassMemberKind::Field(value) => format!("field{}", self.optional(*value)),
                ClassMemberKind::StaticBlock(body) => self.block(body),
            };
            let _ = write!(parts, " [{decorators}{is_static}{key}{} {value}]", annotation(member.type_name.as_ref()));
        }
        format!("({parts})")
    }
}

fn keyword(kind: BindingKind) -> &'static str {
    match kind {
        BindingKind::Var => "var",
        BindingKind::Let => "let",
        BindingKind::Const => "const",
        _ => "other",
    }
}

fn annotation(type_name: Option<&TypeName>) -> String {
    type_name.map(|type_name| format!("<{}>", type_name.names.join(","))).unwrap_or_default()
}
