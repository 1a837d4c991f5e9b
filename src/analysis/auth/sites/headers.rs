//! Where an answer can be told not to be kept, in the forms of the frameworks.
//!
//! By how the answer is sent: a chain on the response (`res.status(200).json(x)`), a response made with options (`Response.json(x, init)`), a context
//! that is told before (Hono, Koa), or an object that is the whole answer (Lambda, Netlify).

use super::super::Builder;
use crate::analysis::edit_sites::{HeaderForm, HeaderSite, Slot};
use crate::analysis::unit::Unit;
use crate::analysis::usage::WriteKind;
use crate::analysis::values::Site;
use crate::hir::visit::Node;
use crate::hir::{Element, ExprId, ExprKind, PatKind, Property};
use crate::source::Span;

/// How many nodes may stand between a body and what sends it.
const AROUND: usize = 6;
/// How many calls a chain on a response may have.
const CHAIN: usize = 6;

impl Builder<'_> {
    /// Where the answer with this body can have a header.
    pub(in crate::analysis::auth) fn header_site(&self, body: Site) -> Option<HeaderSite> {
        let unit = self.workspace.unit(body.file).filter(|unit| unit.is_script_like())?;
        let (slot, form) = unit.header_slot(body.expr)?;
        Some(HeaderSite { slot, form, style: unit.style() })
    }
}

impl Unit {
    fn header_slot(&self, body: ExprId) -> Option<(Slot, HeaderForm)> {
        let mut inner = body;
        for _ in 0..AROUND {
            match self.parents.parent(Node::Expr(inner))? {
                Node::Expr(outer) => match &self.module[outer].kind {
                    ExprKind::Cast { .. } | ExprKind::Await(_) => inner = outer,
                    ExprKind::Call { .. } if self.callee_text(outer).ends_with("stringify") => inner = outer,
                    ExprKind::Call { args, .. } => return self.slot_of_call(outer, args, inner),
                    ExprKind::New { callee, args } if self.source.slice(self.module[*callee].span).ends_with("Response") => {
                        return self.slot_of_options(args, inner);
                    }
                    ExprKind::Object(_) => return self.slot_of_answer(outer),
                    // Koa: `ctx.body = x`.
                    ExprKind::Assign { target, value, .. } if *value == inner => {
                        let PatKind::Expr(target) = self.module[*target].kind else { return None };
                        let ExprKind::Member { object, .. } = self.module[target].kind else { return None };
                        let context = self.parameter_name(object, 0)?;
                        return Some((self.statement_slot(Node::Expr(outer))?, HeaderForm::Statement(format!("{context}.set"))));
                    }
                    _ => return None,
                },
                _ => return None,
            }
        }
        None
    }

    fn slot_of_call(&self, call: ExprId, args: &[Element], body: ExprId) -> Option<(Slot, HeaderForm)> {
        let Some(receiver) = self.call_receiver(call) else {
            // `json(x)` of SvelteKit and Remix.
            let callee = self.call_callee(call)?;
            return self.answers_of_framework(callee).then(|| self.slot_of_options(args, body))?;
        };
        let first = self.first_of_chain(receiver)?;
        let name = self.source.slice(self.module[first].span);
        if matches!(name, "Response" | "NextResponse") {
            return self.slot_of_options(args, body);
        }
        let at = self.module[first].span.end;
        let chain = |method| {
            Some((
                Slot { at: self.at(Span { start: at, end: at }), before: String::new(), after: String::new() },
                HeaderForm::Chained(method),
            ))
        };
        let method = self.called_method(call).map(AsRef::as_ref)?;
        if let Some(context) = self.parameter_name(first, 0).filter(|_| first == self.uncast(receiver)) {
            let is_hono = matches!(method, "json" | "text" | "body") && self.imports_package("hono");
            return is_hono.then(|| Some((self.statement_slot(Node::Expr(call))?, HeaderForm::Statement(format!("{context}.header")))))?;
        }
        match self.parameter_name(first, 1)? {
            "reply" | "rep" => chain("header"),
            name if name.trim_start_matches('_').to_ascii_lowercase().starts_with("res") => chain("setHeader"),
            _ => None,
        }
    }

    /// `Response.json(body, { … })`: in the options that stand behind the body, or as such.
    fn slot_of_options(&self, args: &[Element], body: ExprId) -> Option<(Slot, HeaderForm)> {
        let position =
            args.iter().position(|arg| arg.expr == body).filter(|position| *position == 0 && args.iter().all(|arg| !arg.spread))?;
        match args.get(position + 1) {
            None => {
                let end = self.module[body].span.end;
                let (token, at) = self.next_token(end)?;
                // Whatever stands between the body and the end of the call, such as a comma behind the last argument.
                let is_plain = token == b')' && self.source.slice(Span { start: end, end: at }).trim().is_empty();
                is_plain.then(|| {
                    (Slot { at: self.at(Span { start: end, end }), before: ", ".to_owned(), after: String::new() }, HeaderForm::Options)
                })
            }
            Some(options) => self.slot_in_options(options.expr),
        }
    }

    /// Lambda and Netlify: `{ statusCode: 200, body: … }`.
    fn slot_of_answer(&self, object: ExprId) -> Option<(Slot, HeaderForm)> {
        let ExprKind::Object(properties) = &self.module[object].kind else { return None };
        let has =
            |name: &str| properties.iter().any(|property| matches!(property, Property::Value { key, .. } if key.name() == Some(name)));
        (has("statusCode") && has("body")).then(|| self.slot_in_options(object))?
    }

    /// In the headers of an object, or as such.
    fn slot_in_options(&self, options: ExprId) -> Option<(Slot, HeaderForm)> {
        let ExprKind::Object(properties) = &self.module[options].kind else { return None };
        let mut headers = None;
        for property in properties {
            match property {
                Property::Value { key, value } if key.name() == Some("headers") => headers = Some(*value),
                Property::Value { .. } => {}
                // What is spread in may bring headers, which a second entry would replace.
                Property::Spread(_) | Property::Accessor { .. } => return None,
            }
        }
        match headers {
            None => Some((self.entry_slot(options)?, HeaderForm::Headers)),
            Some(headers) if matches!(self.module[headers].kind, ExprKind::Object(_)) => {
                Some((self.entry_slot(headers)?, HeaderForm::Entry))
            }
            Some(_) => None,
        }
    }

    /// The object that a chain of method calls starts at.
    fn first_of_chain(&self, receiver: ExprId) -> Option<ExprId> {
        let mut at = self.uncast(receiver);
        for _ in 0..CHAIN {
            match self.module[at].kind {
                ExprKind::Ident(_) => return Some(at),
                ExprKind::Call { .. } => at = self.uncast(self.call_receiver(at)?),
                _ => return None,
            }
        }
        None
    }

    /// The name of an expression that is the parameter of a function at a position.
    fn parameter_name(&self, expr: ExprId, position: usize) -> Option<&str> {
        let symbol = self.scopes.symbol_of_expr(self.uncast(expr))?;
        match self.usage.writes(symbol) {
            [write] if write.path.is_empty() => match write.kind {
                WriteKind::Param { index, rest: false, .. } if index == position => self.scopes.symbol(symbol).map(|symbol| &*symbol.name),
                _ => None,
            },
            _ => None,
        }
    }

    fn answers_of_framework(&self, callee: ExprId) -> bool {
        let Some(symbol) = self.scopes.symbol_of_expr(self.uncast(callee)) else { return false };
        self.usage.writes(symbol).iter().any(|write| match write.kind {
            WriteKind::Import { import, .. } => self
                .module
                .imports
                .get(import)
                .is_some_and(|import| import.specifier.starts_with("@sveltejs/") || import.specifier.starts_with("@remix-run/")),
            _ => false,
        })
    }

    fn imports_package(&self, package: &str) -> bool {
        let of = |specifier: &str| specifier == package || specifier.strip_prefix(package).is_some_and(|rest| rest.starts_with('/'));
        self.module.imports.iter().any(|import| of(&import.specifier))
    }
}
