//! How a handler recognises the expiry warning: where it looks for the code, and with what it compares it.
//!
//! The SDK hands its listeners `{ warning: { code: 34001, name: "TOKEN_EXPIRING_SOON", … } }`. A test that looks elsewhere, or that compares
//! things that are never equal, keeps the refresh from ever running.

use super::Builder;
use super::handler::{Reach, nodes_in};
use super::listeners::Listener;
use crate::analysis::model::{RefreshFault, RefreshSite};
use crate::analysis::unit::Unit;
use crate::analysis::values::{FunctionSite, OriginKind};
use crate::catalog::live::{LiveClient, WarningCodes};
use crate::hir::visit::Node;
use crate::hir::{BinaryOp, Element, ExprId, ExprKind, Literal, StmtKind};
use crate::source::Location;

/// A place where something is compared with the expiry code.
pub(crate) struct ExpiryTest {
    /// What is compared.
    pub(crate) at: Location,
    /// Why the test never holds; none when it can.
    pub(crate) fault: Option<RefreshFault>,
    /// Where that can be put right.
    pub(crate) site: Option<RefreshSite>,
}

/// A comparison with the expiry code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Comparison {
    constant: Constant,
    /// Where the constant stands, when it stands in the comparison itself.
    constant_at: Option<ExprId>,
    /// What is compared.
    subject: ExprId,
    /// Types count.
    strict: bool,
}

/// What the code is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Constant {
    /// The number, or a constant of the SDK for it.
    Code,
    /// The number as a string.
    CodeText,
    /// The symbolic name.
    Name,
    /// A member that a table of the SDK does not have, because it is keyed by number.
    Missing,
}

/// What is compared with it, as far as its last member says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Code,
    Name,
    Other,
}

impl Builder<'_> {
    /// The places in a listener's code that recognise the expiry warning, each with what is wrong.
    pub(crate) fn expiry_tests(&self, reach: &Reach, listener: &Listener) -> Vec<ExpiryTest> {
        let mut tests = Vec::new();
        let Some(codes) = &listener.live.codes else { return tests };
        for function in &reach.functions {
            let Some(unit) = self.workspace.unit(function.file) else { continue };
            for node in nodes_in(unit, Node::Function(function.function)) {
                tests
                    .extend(self.comparisons(codes, unit, node).into_iter().map(|comparison| self.test(codes, unit, comparison, listener)));
            }
        }
        tests
    }

    /// The comparisons with the expiry code that a node makes: the constant, what is compared, and whether types count.
    fn comparisons(&self, codes: &WarningCodes, unit: &Unit, node: Node) -> Vec<Comparison> {
        match node {
            Node::Expr(expr) => match &unit.module[expr].kind {
                ExprKind::Binary {
                    op: op @ (BinaryOp::StrictEqual | BinaryOp::StrictNotEqual | BinaryOp::LooseEqual | BinaryOp::LooseNotEqual),
                    left,
                    right,
                } => {
                    let strict = matches!(op, BinaryOp::StrictEqual | BinaryOp::StrictNotEqual);
                    let sides = [(*right, *left), (*left, *right)];
                    let compared = |(side, subject): (ExprId, ExprId)| {
                        Some(Comparison { constant: self.constant(codes, unit, side)?, constant_at: Some(side), subject, strict })
                    };
                    sides.into_iter().find_map(compared).into_iter().collect()
                }
                ExprKind::Call { args, .. } => {
                    // `[34001, …].includes(code)`, `CODES.has(code)`.
                    let listed = unit.called_method(expr).is_some_and(|method| matches!(&**method, "includes" | "has" | "indexOf"));
                    match (unit.call_receiver(expr), args.first()) {
                        (Some(receiver), Some(Element { expr: subject, .. })) if listed => {
                            let listed = self.listed(codes, unit, receiver).into_iter();
                            listed.map(|constant| Comparison { constant, constant_at: None, subject: *subject, strict: true }).collect()
                        }
                        _ => Vec::new(),
                    }
                }
                _ => Vec::new(),
            },
            Node::Stmt(statement) => match &unit.module[statement].kind {
                StmtKind::Switch { discriminant, cases } => cases
                    .iter()
                    .filter_map(|(test, _)| {
                        let constant = self.constant(codes, unit, (*test)?)?;
                        Some(Comparison { constant, constant_at: *test, subject: *discriminant, strict: true })
                    })
                    .collect(),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The expiry constant that a list or set holds, written in place or elsewhere.
    fn listed(&self, codes: &WarningCodes, unit: &Unit, list: ExprId) -> Option<Constant> {
        let within = |unit: &Unit, root: ExprId| {
            nodes_in(unit, Node::Expr(root)).into_iter().find_map(|node| match node {
                Node::Expr(expr) => self.constant(codes, unit, expr),
                _ => None,
            })
        };
        if matches!(unit.module[list].kind, ExprKind::Array(_) | ExprKind::New { .. }) {
            return within(unit, list);
        }
        self.values.origins(Self::site(unit, list), &[]).iter().find_map(|origin| match origin.kind {
            OriginKind::Object(site) | OriginKind::New(site) => within(self.workspace.unit(site.file)?, site.expr),
            _ => None,
        })
    }

    /// The expiry constant that an expression is.
    fn constant(&self, codes: &WarningCodes, unit: &Unit, expr: ExprId) -> Option<Constant> {
        match &unit.module[expr].kind {
            ExprKind::Literal(Literal::Number(number)) => is_expiry_code(codes, *number).then_some(Constant::Code),
            ExprKind::Literal(Literal::String(text)) => text_constant(codes, text),
            ExprKind::Member { object, property, .. } => {
                if !codes.names.iter().any(|name| **name == **property) {
                    return self.constant_value(codes, unit, expr);
                }
                let table = unit.source.slice(unit.module[*object].span);
                let keyed_by_number = codes.number_keyed_tables.iter().any(|known| table.ends_with(known.as_str()));
                Some(if keyed_by_number { Constant::Missing } else { Constant::Code })
            }
            ExprKind::Ident(_) => self.constant_value(codes, unit, expr),
            // `CODES?.TOKEN_EXPIRING_SOON ?? 34001`: the better side counts.
            ExprKind::Logical { left, right, .. } => {
                let sides = [self.constant(codes, unit, *left), self.constant(codes, unit, *right)];
                sides.iter().flatten().copied().find(|side| *side != Constant::Missing).or_else(|| sides.into_iter().flatten().next())
            }
            ExprKind::Cast { expr, .. } => self.constant(codes, unit, *expr),
            _ => None,
        }
    }

    /// The expiry constant that a name stands for.
    fn constant_value(&self, codes: &WarningCodes, unit: &Unit, expr: ExprId) -> Option<Constant> {
        // Reading parameters back to every caller would find the constant where it is only passed on.
        unit.scopes.symbol_of_expr(unit.root_of_members(expr))?;
        self.values.origins(Self::site(unit, expr), &[]).iter().find_map(|origin| match &origin.kind {
            OriginKind::Literal(Literal::Number(number)) if !origin.derived => is_expiry_code(codes, *number).then_some(Constant::Code),
            OriginKind::Literal(Literal::String(text)) if !origin.derived => text_constant(codes, text),
            OriginKind::Package { path, .. } | OriginKind::Global(path) => {
                let mut names = path.iter().chain(&origin.path).rev();
                let is_expiry = names.next().is_some_and(|last| codes.names.iter().any(|name| **name == **last));
                let table = names.next().is_some_and(|table| codes.number_keyed_tables.iter().any(|known| **known == **table));
                is_expiry.then_some(if table { Constant::Missing } else { Constant::Code })
            }
            _ => None,
        })
    }

    fn test(&self, codes: &WarningCodes, unit: &Unit, comparison: Comparison, listener: &Listener) -> ExpiryTest {
        let Comparison { constant, constant_at, subject, strict } = comparison;
        let at = unit.at(unit.module[subject].span);
        if let Some(path) = self.wrong_payload(codes, unit, subject, listener) {
            let site = Self::payload_site(unit, subject, listener);
            return ExpiryTest { at, fault: Some(RefreshFault::WrongPayload(path)), site };
        }
        let text = unit.source.slice(unit.module[subject].span).to_owned();
        let compared = compared(codes, unit, subject);
        let never = match (constant, compared) {
            (Constant::Missing, _) => true,
            (Constant::Name, Compared::Code) | (Constant::Code | Constant::CodeText, Compared::Name) => {
                strict || constant == Constant::Name
            }
            (Constant::CodeText, _) => strict && !unit.is_text(subject, 0),
            _ => false,
        };
        let fault = never.then(|| match constant {
            Constant::CodeText if compared != Compared::Name => RefreshFault::StringCode,
            _ => RefreshFault::NeverEqual(text),
        });
        // A name stands for the constant elsewhere, too; `warning.name` with the number needs more than another constant.
        let is_written = |expr: &ExprId| matches!(unit.module[*expr].kind, ExprKind::Literal(_) | ExprKind::Member { .. });
        let site = constant_at.filter(|expr| fault.is_some() && compared != Compared::Name && is_written(expr));
        ExpiryTest { at, fault, site: site.map(|expr| RefreshSite::Constant(unit.at(unit.module[expr].span))) }
    }

    /// Where the handler looks for the code, when the SDK never puts it there: the path below the event.
    fn wrong_payload(&self, codes: &WarningCodes, unit: &Unit, subject: ExprId, listener: &Listener) -> Option<String> {
        if !listener.direct {
            return None;
        }
        let is_code = |name: &str| name == codes.code_property || name == codes.name_property;
        let mut wrong = None;
        for origin in self.values.origins(Self::site(unit, subject), &[]) {
            match origin.kind {
                // The other side of a fallback (`?? ""`).
                OriginKind::Literal(_) => continue,
                OriginKind::Param(function, 0) if listener.handlers.contains(&function) => {}
                _ => return None,
            }
            let path: Vec<&str> = origin.path.iter().map(AsRef::as_ref).collect();
            match path.as_slice() {
                [first, last] if *first == codes.warning_property && is_code(last) => return None,
                [.., last] if is_code(last) => wrong = Some(path.join(".")),
                _ => return None,
            }
        }
        wrong
    }

    /// Where a handler looks for the expiry code at all.
    pub(crate) fn mentions_expiry(&self, handlers: &[FunctionSite], live: &LiveClient) -> Option<Location> {
        let codes = live.codes.as_ref()?;
        handlers.iter().find_map(|handler| {
            let unit = self.workspace.unit(handler.file)?;
            let nodes = nodes_in(unit, Node::Function(handler.function));
            nodes.into_iter().find_map(|node| {
                self.comparisons(codes, unit, node).first().map(|comparison| unit.at(unit.module[comparison.subject].span))
            })
        })
    }

    /// A comparison with some other code of the SDK.
    pub(crate) fn other_code(&self, reach: &Reach, live: &LiveClient) -> Option<Location> {
        let codes = live.codes.as_ref()?;
        reach.functions.iter().find_map(|function| {
            let unit = self.workspace.unit(function.file)?;
            nodes_in(unit, Node::Function(function.function)).into_iter().find_map(|node| {
                let Node::Expr(expr) = node else { return None };
                let compared = match unit.parents.parent(node) {
                    Some(Node::Expr(parent)) => matches!(unit.module[parent].kind, ExprKind::Binary { .. } | ExprKind::Array(_)),
                    Some(Node::Stmt(statement)) => matches!(unit.module[statement].kind, StmtKind::Switch { .. }),
                    _ => false,
                };
                (compared && is_other_code(codes, unit, expr)).then(|| unit.at(unit.module[expr].span))
            })
        })
    }
}

fn is_expiry_code(codes: &WarningCodes, number: f64) -> bool {
    codes.numbers.iter().any(|code| (f64::from(*code) - number).abs() < 0.5)
}

fn text_constant(codes: &WarningCodes, text: &str) -> Option<Constant> {
    if codes.names.iter().any(|name| name == text) {
        return Some(Constant::Name);
    }
    text.parse().is_ok_and(|number| is_expiry_code(codes, number)).then_some(Constant::CodeText)
}

fn compared(codes: &WarningCodes, unit: &Unit, subject: ExprId) -> Compared {
    match &unit.module[unit.uncast(subject)].kind {
        ExprKind::Member { property, .. } if **property == *codes.code_property => Compared::Code,
        ExprKind::Member { property, .. } if **property == *codes.name_property => Compared::Name,
        _ => Compared::Other,
    }
}

fn is_other_code(codes: &WarningCodes, unit: &Unit, expr: ExprId) -> bool {
    match &unit.module[expr].kind {
        ExprKind::Literal(Literal::Number(number)) => {
            let [first, last] = codes.range;
            number.fract() == 0.0 && (f64::from(first)..=f64::from(last)).contains(number)
        }
        ExprKind::Member { object, .. } => {
            let table = unit.source.slice(unit.module[*object].span);
            codes.tables.iter().any(|known| table.ends_with(known.as_str()))
        }
        _ => false,
    }
}

impl Unit {
    /// The expression at the start of a member chain.
    pub(crate) fn root_of_members(&self, mut expr: ExprId) -> ExprId {
        while let ExprKind::Member { object, .. } = &self.module[self.uncast(expr)].kind {
            expr = *object;
        }
        self.uncast(expr)
    }

    /// Whether a value has been made a string: `String(code)`, `` `${code}` ``, `code.toString()`.
    fn is_text(&self, expr: ExprId, depth: u8) -> bool {
        let expr = self.uncast(expr);
        match &self.module[expr].kind {
            ExprKind::Template { .. } | ExprKind::Binary { op: BinaryOp::Add, .. } => true,
            ExprKind::Call { .. } => {
                self.callee_text(expr) == "String" || self.called_method(expr).is_some_and(|method| &**method == "toString")
            }
            ExprKind::Ident(_) => self.scopes.symbol_of_expr(expr).is_some_and(|symbol| {
                let mut values = self.usage.writes(symbol).iter().filter_map(|write| write.kind.value());
                depth < 4 && values.any(|value| self.is_text(value, depth + 1))
            }),
            _ => false,
        }
    }
}
