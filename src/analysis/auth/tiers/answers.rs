//! What goes out to a caller: arguments of sending calls, and what handlers return.

use crate::analysis::auth::Builder;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::analysis::values::FunctionSite;
use crate::catalog::endpoints::EndpointNames;
use crate::hir::visit::Node;
use crate::hir::{ExprId, ExprKind};

/// The calls that send their argument to the caller, by the last part of their name.
pub(in crate::analysis::auth) fn sends(callee: &str) -> bool {
    let last = callee.rsplit('.').next().unwrap_or(callee).to_ascii_lowercase();
    matches!(last.as_str(), "send" | "ok" | "success" | "respond" | "reply" | "stringify" | "end")
        || last.contains("json")
        || last.contains("response")
}

impl Builder<'_> {
    /// Whether the value of an expression goes out to the caller: it is an argument of a sending call, part of such an argument, kept under a name
    /// that is, or returned by a handler.
    pub(in crate::analysis::auth) fn goes_out(&self, unit: &Unit, value: ExprId, depth: u8) -> bool {
        if depth > 4 {
            return false;
        }
        let apis = &self.values.apis().rust;
        let mut inner = value;
        for _ in 0..10 {
            match unit.parents.parent(Node::Expr(inner)) {
                Some(Node::Expr(parent)) => match &unit.module[parent].kind {
                    ExprKind::Object(_)
                    | ExprKind::Array(_)
                    | ExprKind::Cast { .. }
                    | ExprKind::Conditional { .. }
                    | ExprKind::Logical { .. }
                    | ExprKind::Await(_) => inner = parent,
                    ExprKind::New { .. } if unit.is_rust() => inner = parent,
                    ExprKind::New { callee, .. } => return unit.source.slice(unit.module[*callee].span).ends_with("Response"),
                    // What holds it goes out in its stead.
                    ExprKind::Member { .. } if unit.is_rust() && unit.is_passed_on(apis, parent, inner) => inner = parent,
                    ExprKind::Call { .. } if unit.is_rust() => {
                        if unit.call_callee(parent) == Some(inner) || unit.is_passed_on(apis, parent, inner) {
                            inner = parent;
                            continue;
                        }
                        return super::rust_replies::rust_sends(unit, parent);
                    }
                    ExprKind::Call { .. } => {
                        let callee = unit.callee_text(parent);
                        if callee.ends_with("stringify") {
                            inner = parent;
                            continue;
                        }
                        // What a handler of Python returns is often an instance of a schema: `Token(token=t)`.
                        let schema = callee.rsplit('.').next().is_some_and(|name| name.starts_with(char::is_uppercase));
                        if unit.is_python() && schema && !sends(&callee) {
                            inner = parent;
                            continue;
                        }
                        return sends(&callee) && !callee.starts_with("console");
                    }
                    ExprKind::Assign { target, .. } => {
                        let crate::hir::PatKind::Expr(name) = unit.module[*target].kind else { return false };
                        return unit.scopes.symbol_of_expr(name).is_some_and(|symbol| self.mentions_go_out(unit, symbol, depth));
                    }
                    _ => return false,
                },
                Some(Node::Stmt(statement)) => {
                    return match &unit.module[statement].kind {
                        crate::hir::StmtKind::Return(_) => self.returned_out(unit, Node::Stmt(statement), depth),
                        crate::hir::StmtKind::Declare { .. } => {
                            unit.declared_symbol(inner).is_some_and(|symbol| self.mentions_go_out(unit, symbol, depth))
                        }
                        _ => false,
                    };
                }
                Some(node @ Node::Function(_)) => return self.returned_out(unit, node, depth),
                _ => return false,
            }
        }
        false
    }

    /// Whether what a variable holds goes out.
    pub(in crate::analysis::auth) fn mentions_go_out(&self, unit: &Unit, symbol: SymbolId, depth: u8) -> bool {
        unit.scopes.references(symbol).iter().any(|reference| self.goes_out(unit, *reference, depth + 1))
    }

    /// A value that a function returns goes out when the function is a handler that a framework or the client calls, or when a call of it goes out.
    fn returned_out(&self, unit: &Unit, node: Node, depth: u8) -> bool {
        let function = match node {
            Node::Function(function) => Some(function),
            _ => unit.parents.enclosing_function(node),
        };
        let Some(function) = function else { return false };
        if unit.is_python() && super::is_python_handler(&self.workspace.catalog.endpoints, unit, function) {
            return true;
        }
        let server_action = unit.module[function]
            .directives
            .iter()
            .chain(unit.module.programs.iter().flat_map(|program| &program.directives))
            .any(|(text, _)| &**text == "use server");
        let exported = unit.export_of_function(function);
        if let Some(name) = &exported
            && !unit.is_rust()
            && (server_action || is_served(&self.catalog.endpoints, unit, name))
        {
            return true;
        }
        // What a handler of a framework returns is its answer: `app.get("/me", async () => ({ … }))`, a procedure.
        let site = FunctionSite { file: unit.file, function };
        let handles = |file| self.routes_of_file(file).iter().any(|route| route.handlers.contains(&site));
        // Rust's routers stand apart from their handlers, others may.
        let elsewhere = exported.is_some() || unit.is_rust();
        if handles(unit.file) || elsewhere && self.workspace.importing_units_deep(unit.file).any(|importer| handles(importer.file)) {
            return true;
        }
        match unit.usage.function_name(function) {
            Some(crate::analysis::usage::FunctionName::Symbol(symbol)) => {
                unit.usage.calls_of(*symbol).iter().any(|call| self.goes_out(unit, *call, depth + 1))
            }
            _ => false,
        }
    }
}

/// Whether an export of this name is called by a framework: a default export only in a file that one serves.
fn is_served(names: &EndpointNames, unit: &Unit, name: &str) -> bool {
    match name {
        "loader" | "action" | "load" | "GET" | "POST" | "PUT" | "PATCH" | "DELETE" | "handler" => true,
        "default" => names.conventions.iter().any(|convention| convention.is_about(&unit.source.path)),
        _ => false,
    }
}
