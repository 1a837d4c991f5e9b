//! Patterns: what they bind, and what they test.

use syn::{Expr, FnArg, Lit, Member, Pat, Path};

use super::Lowering;
use crate::hir::{BinaryOp, BindingKind, ExprId, ExprKind, LogicalOp, PatId, PatKind, PatProperty, PropertyKey, UnaryOp};
use crate::source::Span;

/// How deep patterns may nest.
const NESTING: u32 = 24;

/// Whether an identifier in a pattern names a constant or variant rather than binds: those begin with a capital.
fn is_constant(name: &str) -> bool {
    name.starts_with(char::is_uppercase)
}

/// The last part of a path.
pub(super) fn last(path: &Path) -> String {
    path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default()
}

/// The names that a pattern binds.
pub(super) fn bound_names(pat: &Pat) -> Vec<String> {
    let mut names = Vec::new();
    let mut open = vec![(pat, 0)];
    while let Some((pat, depth)) = open.pop() {
        if depth > NESTING {
            continue;
        }
        let mut push = |pat| open.push((pat, depth + 1));
        match pat {
            Pat::Ident(ident) => {
                let name = ident.ident.to_string();
                if !is_constant(&name) {
                    names.push(name.strip_prefix("r#").unwrap_or(&name).to_owned());
                }
                if let Some((_, inner)) = &ident.subpat {
                    push(&**inner);
                }
            }
            Pat::Type(typed) => push(&*typed.pat),
            Pat::Paren(paren) => push(&*paren.pat),
            Pat::Guard(guard) => push(&*guard.pat),
            Pat::Reference(reference) => push(&*reference.pat),
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(push),
            Pat::Slice(slice) => slice.elems.iter().for_each(push),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(push),
            Pat::Struct(fields) => fields.fields.iter().for_each(|field| push(&*field.pat)),
            Pat::Or(or) => or.cases.iter().take(1).for_each(push),
            _ => {}
        }
    }
    names
}

impl Lowering<'_, '_> {
    /// A pattern that binds names.
    pub(super) fn pat(&mut self, pat: &Pat, kind: BindingKind) -> PatId {
        self.pat_at(pat, kind, 0)
    }

    fn pat_at(&mut self, pat: &Pat, kind: BindingKind, depth: u32) -> PatId {
        let nowhere = Span::default();
        if depth > NESTING {
            return self.module.pat(nowhere, PatKind::Unknown);
        }
        match pat {
            Pat::Ident(ident) => {
                let span = self.span(ident.ident.span());
                let name = self.name(&ident.ident);
                if is_constant(&name) {
                    return self.module.pat(span, PatKind::Unknown);
                }
                let binding = self.declare(name, span, kind);
                self.module.pat(span, PatKind::Binding(binding))
            }
            Pat::Type(typed) => {
                let pat = self.pat_at(&typed.pat, kind, depth + 1);
                let type_name = self.type_name(&typed.ty);
                if let PatKind::Binding(binding) = self.module[pat].kind
                    && let Some(slot) = self.module.bindings.get_mut(binding.index())
                {
                    slot.type_name = type_name;
                }
                pat
            }
            Pat::Paren(paren) => self.pat_at(&paren.pat, kind, depth + 1),
            Pat::Guard(guard) => self.pat_at(&guard.pat, kind, depth + 1),
            Pat::Reference(reference) => self.pat_at(&reference.pat, kind, depth + 1),
            Pat::Tuple(tuple) => {
                let span = self.span(tuple.paren_token.span.join());
                self.sequence(tuple.elems.iter(), span, kind, depth)
            }
            Pat::Slice(slice) => {
                let span = self.span(slice.bracket_token.span.join());
                self.sequence(slice.elems.iter(), span, kind, depth)
            }
            Pat::TupleStruct(tuple) => {
                let span = self.span(tuple.paren_token.span.join());
                match (last(&tuple.path).as_str(), tuple.elems.first()) {
                    // The value is what went well; of what went wrong nothing is known.
                    ("Err", Some(error)) => {
                        let pat = self.pat_at(error, kind, depth + 1);
                        let key = PropertyKey::Name(self.intern("Err"), span);
                        self.module.pat(span, PatKind::Object { properties: vec![PatProperty { key, pat }], rest: None })
                    }
                    // `Some(x)`, `Json(body)`: what a wrapper holds is what it is.
                    (_, Some(only)) if tuple.elems.len() == 1 => self.pat_at(only, kind, depth + 1),
                    _ => self.sequence(tuple.elems.iter(), span, kind, depth),
                }
            }
            Pat::Struct(fields) => {
                let span = self.span(fields.brace_token.span.join());
                let mut properties = Vec::new();
                for field in &fields.fields {
                    let (name, at) = match &field.member {
                        Member::Named(ident) => (self.name(ident), self.span(ident.span())),
                        Member::Unnamed(index) => (self.intern(&index.index.to_string()), self.span(index.span)),
                    };
                    let pat = self.pat_at(&field.pat, kind, depth + 1);
                    properties.push(PatProperty { key: PropertyKey::Name(name, at), pat });
                }
                self.module.pat(span, PatKind::Object { properties, rest: None })
            }
            // The other cases bind the same names.
            Pat::Or(or) => match or.cases.first() {
                Some(first) => self.pat_at(first, kind, depth + 1),
                None => self.module.pat(nowhere, PatKind::Unknown),
            },
            _ => self.module.pat(nowhere, PatKind::Unknown),
        }
    }

    fn sequence<'p>(&mut self, elems: impl Iterator<Item = &'p Pat>, span: Span, kind: BindingKind, depth: u32) -> PatId {
        let mut elements = Vec::new();
        let mut rest = None;
        for elem in elems {
            match elem {
                Pat::Rest(_) => rest = Some(self.module.pat(span, PatKind::Unknown)),
                Pat::Wild(_) if rest.is_none() => elements.push(None),
                elem => {
                    let pat = self.pat_at(elem, kind, depth + 1);
                    if rest.is_none() {
                        elements.push(Some(pat));
                    } else {
                        // How many come before it is only known at run time.
                        let inner = PatKind::Array { elements: vec![Some(pat)], rest: None };
                        rest = Some(self.module.pat(span, inner));
                    }
                }
            }
        }
        self.module.pat(span, PatKind::Array { elements, rest })
    }

    /// The test whether a value fits a pattern; none when every value does. `subject` is a mention of the value.
    pub(super) fn test_of(&mut self, pat: &Pat, subject: ExprId) -> Option<ExprId> {
        self.test_at(pat, subject, 0)
    }

    fn test_at(&mut self, pat: &Pat, subject: ExprId, depth: u32) -> Option<ExprId> {
        let span = self.module[subject].span;
        if depth > NESTING {
            return Some(subject);
        }
        match pat {
            Pat::Ident(ident) => {
                let name = ident.ident.to_string();
                match (is_constant(&name), &ident.subpat) {
                    (true, _) if name == "None" => Some(self.not(subject)),
                    (true, _) => {
                        let at = self.span(ident.ident.span());
                        let name = self.name(&ident.ident);
                        let right = self.module.expr(at, ExprKind::Ident(name));
                        Some(self.compared(BinaryOp::StrictEqual, subject, right))
                    }
                    (false, Some((_, inner))) => self.test_at(inner, subject, depth + 1),
                    (false, None) => None,
                }
            }
            Pat::Type(typed) => self.test_at(&typed.pat, subject, depth + 1),
            Pat::Paren(paren) => self.test_at(&paren.pat, subject, depth + 1),
            Pat::Reference(reference) => self.test_at(&reference.pat, subject, depth + 1),
            Pat::Guard(guard) => {
                let own = self.test_at(&guard.pat, subject, depth + 1);
                let guarded = self.expr(&guard.guard);
                Some(match own {
                    Some(own) => self.logical(LogicalOp::And, own, guarded),
                    None => guarded,
                })
            }
            Pat::TupleStruct(tuple) => {
                let own = match last(&tuple.path).as_str() {
                    "Some" | "Ok" => subject,
                    "Err" => self.not(subject),
                    _ => {
                        let right = self.path(&tuple.path);
                        self.compared(BinaryOp::InstanceOf, subject, right)
                    }
                };
                let inner = match tuple.elems.first() {
                    Some(only) if tuple.elems.len() == 1 && is_refutable(only) => {
                        let again = self.copy(subject);
                        self.test_at(only, again, depth + 1)
                    }
                    _ => None,
                };
                Some(match inner {
                    Some(inner) => self.logical(LogicalOp::And, own, inner),
                    None => own,
                })
            }
            Pat::Struct(fields) => {
                let right = self.path(&fields.path);
                Some(self.compared(BinaryOp::InstanceOf, subject, right))
            }
            Pat::Path(path) => {
                if last(&path.path) == "None" {
                    return Some(self.not(subject));
                }
                let right = self.path(&path.path);
                Some(self.compared(BinaryOp::StrictEqual, subject, right))
            }
            Pat::Lit(lit) => {
                let right = self.literal(&lit.lit);
                Some(match &lit.lit {
                    Lit::Bool(value) if value.value => subject,
                    Lit::Bool(_) => self.not(subject),
                    _ => self.compared(BinaryOp::StrictEqual, subject, right),
                })
            }
            Pat::Or(or) => {
                let mut test: Option<ExprId> = None;
                for (index, case) in or.cases.iter().enumerate() {
                    let subject = if index == 0 { subject } else { self.copy(subject) };
                    let one = self.test_at(case, subject, depth + 1)?;
                    test = Some(match test {
                        Some(before) => self.logical(LogicalOp::Or, before, one),
                        None => one,
                    });
                }
                test
            }
            Pat::Tuple(tuple) if !tuple.elems.iter().any(is_refutable) => None,
            Pat::Wild(_) | Pat::Rest(_) => None,
            _ => Some(self.module.expr(span, ExprKind::Unknown(vec![subject]))),
        }
    }

    /// One more mention of a name or a chain of members.
    pub(super) fn copy(&mut self, expr: ExprId) -> ExprId {
        let span = self.module[expr].span;
        match &self.module[expr].kind {
            ExprKind::Ident(name) => {
                let name = name.clone();
                self.module.expr(span, ExprKind::Ident(name))
            }
            ExprKind::This => self.module.expr(span, ExprKind::This),
            ExprKind::Member { object, property, property_span, .. } => {
                let (object, property, property_span) = (*object, property.clone(), *property_span);
                if !self.may_enter(span) {
                    return self.unknown(span);
                }
                self.depth += 1;
                let object = self.copy(object);
                self.depth -= 1;
                self.module.expr(span, ExprKind::Member { object, property, property_span, optional: false })
            }
            _ => self.unknown(span),
        }
    }

    pub(super) fn not(&mut self, operand: ExprId) -> ExprId {
        let span = self.module[operand].span;
        self.module.expr(span, ExprKind::Unary { op: UnaryOp::Not, operand })
    }

    fn compared(&mut self, op: BinaryOp, left: ExprId, right: ExprId) -> ExprId {
        let span = self.module[left].span;
        self.module.expr(span, ExprKind::Binary { op, left, right })
    }

    pub(super) fn logical(&mut self, op: LogicalOp, left: ExprId, right: ExprId) -> ExprId {
        let span = Self::between(self.module[left].span, self.module[right].span);
        self.module.expr(span, ExprKind::Logical { op, left, right })
    }

    /// What a parameter is called, for messages and the names of parameters.
    pub(super) fn argument(&mut self, input: &FnArg) -> Option<PatId> {
        match input {
            FnArg::Receiver(_) => None,
            FnArg::Typed(typed) => Some(self.typed_argument(typed)),
        }
    }

    fn typed_argument(&mut self, typed: &syn::PatType) -> PatId {
        let pat = self.pat(&typed.pat, BindingKind::Param);
        let type_name = self.type_name(&typed.ty);
        let mut inner = pat;
        // `Path((id, line)): Path<(String, String)>`: the type is that of the whole.
        while let PatKind::Array { elements, .. } = &self.module[inner].kind {
            match elements.first() {
                Some(Some(first)) => inner = *first,
                _ => break,
            }
        }
        if let PatKind::Binding(binding) = self.module[inner].kind
            && let Some(slot) = self.module.bindings.get_mut(binding.index())
        {
            slot.type_name = type_name;
        }
        pat
    }
}

/// Whether a pattern leaves values out, as far as the look of it tells.
fn is_refutable(pat: &Pat) -> bool {
    match pat {
        Pat::Ident(ident) => is_constant(&ident.ident.to_string()) || ident.subpat.is_some(),
        Pat::Wild(_) | Pat::Rest(_) => false,
        Pat::Reference(reference) => is_refutable(&reference.pat),
        Pat::Paren(paren) => is_refutable(&paren.pat),
        Pat::Type(typed) => is_refutable(&typed.pat),
        Pat::Tuple(tuple) => tuple.elems.iter().any(is_refutable),
        Pat::TupleStruct(_) | Pat::Struct(_) | Pat::Lit(_) | Pat::Path(_) | Pat::Range(_) | Pat::Or(_) => true,
        _ => true,
    }
}

/// Whether an expression is a name or a chain of members, which can be mentioned twice.
pub(super) fn is_plain(expr: &Expr) -> bool {
    match expr {
        Expr::Path(path) => path.qself.is_none(),
        Expr::Field(field) => is_plain(&field.base),
        Expr::Paren(paren) => is_plain(&paren.expr),
        Expr::Reference(reference) => is_plain(&reference.expr),
        _ => false,
    }
}
