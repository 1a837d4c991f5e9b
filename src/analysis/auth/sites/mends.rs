//! The mistakes in refresh handlers that a few words put right: where they stand.

use super::super::Builder;
use super::super::listeners::Listener;
use super::super::renewal::Subject;
use super::place::Place;
use crate::analysis::edit_sites::Given;
use crate::analysis::model::{RefreshFault, RefreshSite};
use crate::analysis::unit::Unit;
use crate::analysis::usage::{PatternStep, WriteKind};
use crate::analysis::values::FunctionSite;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, FunctionId, PatId, PatKind, Property, StmtKind};
use crate::source::{Location, Span};

/// How many names may stand between a test and the event.
const DEPTH: u8 = 4;
/// What a warning holds.
const OF_WARNING: [&str; 6] = ["code", "name", "message", "description", "causes", "solutions"];
/// What the event holds beside it.
const OF_EVENT: [&str; 5] = ["warning", "sessionId", "callId", "reason", "source"];
/// What people call an argument that they take for the warning.
const WARNING: &str = "warning";

impl<'w> Builder<'w> {
    /// Where a test that looks for the code in the wrong place can be led to the right one.
    pub(in crate::analysis::auth) fn payload_site(unit: &Unit, subject: ExprId, listener: &Listener) -> Option<RefreshSite> {
        if !unit.is_script_like() {
            return None;
        }
        let handlers: Vec<FunctionId> =
            listener.handlers.iter().filter(|handler: &&FunctionSite| handler.file == unit.file).map(|handler| handler.function).collect();
        unit.payload(subject, &handlers, DEPTH)
    }

    /// Where a renewal that cannot work can be put right.
    pub(in crate::analysis::auth) fn renewal_mend(&self, fault: &RefreshFault, at: Location, subject: &Subject<'_>) -> Option<RefreshSite> {
        let unit = self.workspace.unit(at.file).filter(|unit| unit.is_script_like())?;
        let call = unit.expression_at(at.span)?;
        let ExprKind::Call { args, .. } = &unit.module[call].kind else { return None };
        match fault {
            RefreshFault::MissingMethod(name) => {
                let callee = unit.uncast(unit.call_callee(call)?);
                let ExprKind::Member { property_span, .. } = unit.module[callee].kind else { return None };
                let given = self.given(unit, call, args, subject)?;
                // Credentials in a variable are more than a token.
                let is_token = name.to_ascii_lowercase().contains("token");
                (is_token || matches!(given, Given::Object { .. })).then(|| RefreshSite::Method { method: unit.at(property_span), given })
            }
            RefreshFault::WrongKey(_) => Self::wrong_key(unit, args, subject).or_else(|| match self.given(unit, call, args, subject)? {
                Given::Nothing { .. } => None,
                given => Some(RefreshSite::Login(given)),
            }),
            RefreshFault::OldToken(_)
                if unit.called_method(call).is_some_and(|method| **method == *subject.found.sdk.live.login.method) =>
            {
                match self.given(unit, call, args, subject)? {
                    given @ Given::Nothing { .. } => Some(RefreshSite::Login(given)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// `login({ creds: { token } })`: the key.
    fn wrong_key(unit: &Unit, args: &[Element], subject: &Subject<'_>) -> Option<RefreshSite> {
        let [argument] = args else { return None };
        let field = subject.found.sdk.live.login.credentials.as_deref()?;
        let credentials = unit.entry_value(argument.expr, |key| key == field)?;
        let is_token = |key: &str| Self::is_token_key(key, subject);
        let value = unit.entry_value(credentials, is_token)?;
        unit.key_in(credentials, value).map(RefreshSite::Key)
    }

    fn is_token_key(key: &str, subject: &Subject<'_>) -> bool {
        subject.found.sdk.token.iter().chain(&subject.found.sdk.live.login.wrong_token_keys).any(|known| known == key)
    }

    /// What a call is given, in the forms that can be rewritten.
    fn given(&self, unit: &'w Unit, call: ExprId, args: &[Element], subject: &Subject<'_>) -> Option<Given> {
        match args {
            [] => {
                let end = unit.module[call].span.end.checked_sub(1)?;
                let slot = Span { start: end, end };
                let parenthesis = unit.source.slice(Span { start: end.checked_sub(1)?, end: end + 1 }) == "()";
                let token = self.token_at(unit, call, subject)?;
                parenthesis.then(|| Given::Nothing { slot: unit.at(slot), token })
            }
            [argument] if !argument.spread => {
                let span = unit.module[argument.expr].span;
                let plain = unit.next_token(span.end).is_some_and(|(token, _)| matches!(token, b')' | b','));
                if !plain {
                    return None;
                }
                let ExprKind::Object(properties) = &unit.module[argument.expr].kind else { return Some(Given::Token(unit.at(span))) };
                let value = unit.entry_value(argument.expr, |key| Self::is_token_key(key, subject))?;
                (properties.len() == 1).then_some(())?;
                Some(Given::Object { at: unit.at(span), key: unit.key_in(argument.expr, value)? })
            }
            _ => None,
        }
    }

    /// The token as one expression where a call stands.
    fn token_at(&self, unit: &'w Unit, call: ExprId, subject: &Subject<'_>) -> Option<String> {
        let function = unit.parents.enclosing_function(Node::Expr(call))?;
        let place = unit.place_of(call)?;
        let repeated = self.token_source(subject.found, place).filter(|_| unit.module[function].is_async)?;
        repeated.source.steps.is_empty().then_some(repeated.source.token)
    }
}

impl Unit {
    /// The place of the statement that an expression stands in.
    fn place_of(&self, expr: ExprId) -> Option<Place<'_>> {
        let statement = self.parents.enclosing_stmt(Node::Expr(expr))?;
        Some(Place { unit: self, statement, scope: self.scope_of(statement)? })
    }

    /// The value of an entry of an object literal.
    fn entry_value(&self, object: ExprId, is: impl Fn(&str) -> bool) -> Option<ExprId> {
        let ExprKind::Object(properties) = &self.module[object].kind else { return None };
        properties.iter().find_map(|property| match property {
            Property::Value { key, value } if key.name().is_some_and(&is) => Some(*value),
            _ => None,
        })
    }

    fn payload(&self, subject: ExprId, handlers: &[FunctionId], depth: u8) -> Option<RefreshSite> {
        let depth = depth.checked_sub(1)?;
        let subject = self.uncast(subject);
        match &self.module[subject].kind {
            ExprKind::Ident(_) => self.payload_of_name(subject, handlers, depth),
            ExprKind::Member { object, property_span, optional, .. } => self.step(*object, *property_span, *optional, handlers),
            // `Number(event.code)`
            ExprKind::Call { args, .. } => match args.as_slice() {
                [only] if !only.spread && self.call_receiver(subject).is_none() => self.payload(only.expr, handlers, depth),
                _ => None,
            },
            _ => None,
        }
    }

    /// A name that holds the code: set from the event, or taken out of it by a pattern.
    fn payload_of_name(&self, name: ExprId, handlers: &[FunctionId], depth: u8) -> Option<RefreshSite> {
        let [write] = self.usage.writes(self.scopes.symbol_of_expr(name)?) else { return None };
        match (write.kind, write.path.as_slice()) {
            (WriteKind::Declared { init: Some(init) }, []) => self.payload(init, handlers, depth),
            (WriteKind::Declared { init: Some(init) }, [PatternStep::Property(_)]) => {
                self.event(init, handlers)?;
                let statement = self.parents.enclosing_stmt(Node::Expr(init))?;
                let StmtKind::Declare { declarators, .. } = &self.module[statement].kind else { return None };
                let (pat, _) = declarators.iter().find(|(_, own)| *own == Some(init))?;
                self.pattern(*pat)
            }
            (WriteKind::Param { function, index: 0, rest: false }, [PatternStep::Property(_)]) if handlers.contains(&function) => {
                self.pattern(self.module[function].params.first()?.pat)
            }
            _ => None,
        }
    }

    /// A pattern that takes nothing but parts of the warning.
    fn pattern(&self, pat: PatId) -> Option<RefreshSite> {
        let PatKind::Object { properties, rest: None } = &self.module[pat].kind else { return None };
        let of_warning = properties.iter().all(|property| property.key.name().is_some_and(|key| OF_WARNING.contains(&key)));
        let span = self.module[pat].span;
        (of_warning && self.annotation_fits(span)).then(|| RefreshSite::Pattern(self.at(span)))
    }

    /// Whether nothing, or nothing but `any`, is said of a pattern's type.
    fn annotation_fits(&self, pattern: Span) -> bool {
        match self.next_token(pattern.end) {
            Some((b':', at)) => self.next_token(at + 1).is_some_and(|(_, at)| {
                let end = Span::new(self.source.text.len(), self.source.text.len()).end;
                self.source
                    .slice(Span { start: at, end })
                    .strip_prefix("any")
                    .is_some_and(|rest| !rest.starts_with(|next: char| next.is_alphanumeric()))
            }),
            _ => true,
        }
    }

    /// `event.code`, `event.error.code`: from the event to the code.
    fn step(&self, object: ExprId, property: Span, optional: bool, handlers: &[FunctionId]) -> Option<RefreshSite> {
        let dot = if optional { "?." } else { "." };
        let start = property.start.checked_sub(u32::try_from(dot.len()).ok()?)?;
        if self.source.slice(Span { start, end: property.start }) != dot || self.says_type(object) {
            return None;
        }
        let object = self.uncast(object);
        if let Some(function) = self.event(object, handlers) {
            if matches!(&self.module[object].kind, ExprKind::Ident(name) if &**name == WARNING) {
                return self.parameter_site(object, function);
            }
            return Some(RefreshSite::Step { at: self.at(Span { start, end: start }), optional });
        }
        let mut root = object;
        let mut first_optional = optional;
        while let ExprKind::Member { object, optional, .. } = self.module[root].kind {
            first_optional = optional;
            root = object;
        }
        self.event(root, handlers)?;
        let at = Span { start: self.module[root].span.end, end: start };
        (!self.source.slice(at).contains([')', '!', '['])).then(|| RefreshSite::Step { at: self.at(at), optional: first_optional })
    }

    /// Whether a cast names a type that the event would have to be.
    fn says_type(&self, expr: ExprId) -> bool {
        matches!(&self.module[expr].kind, ExprKind::Cast { type_name: Some(_), .. })
    }

    /// The handler whose event an expression names.
    fn event(&self, expr: ExprId, handlers: &[FunctionId]) -> Option<FunctionId> {
        let [write] = self.usage.writes(self.scopes.symbol_of_expr(self.uncast(expr))?) else { return None };
        match write.kind {
            WriteKind::Param { function, index: 0, rest: false } if write.path.is_empty() && handlers.contains(&function) => Some(function),
            _ => None,
        }
    }

    /// A parameter `warning` of which only parts of a warning are read.
    fn parameter_site(&self, name: ExprId, handler: FunctionId) -> Option<RefreshSite> {
        let symbol = self.scopes.symbol_of_expr(name)?;
        let reads_event = self.scopes.references(symbol).iter().any(|reference| match self.parents.parent(Node::Expr(*reference)) {
            Some(Node::Expr(outer)) => match &self.module[outer].kind {
                ExprKind::Member { property, .. } => OF_EVENT.contains(&&**property),
                ExprKind::Assign { .. } => true,
                _ => false,
            },
            Some(Node::Pat(_)) => true,
            _ => false,
        });
        let PatKind::Binding(binding) = self.module[self.module[handler].params.first()?.pat].kind else { return None };
        let binding = &self.module[binding];
        let before = self.source.text.get(..binding.span.start as usize)?.trim_end();
        let annotation = binding.type_name.as_ref().map(|annotation| self.at(annotation.span));
        (!reads_event && (annotation.is_some() || self.annotation_fits(binding.span))).then(|| RefreshSite::Parameter {
            name: self.at(binding.span),
            parenthesised: before.ends_with(['(', ',']),
            annotation,
        })
    }
}
