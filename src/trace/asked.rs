//! Which value a person means by a place in a file.
//!
//! What starts at the place wins over what merely contains it, and the innermost over the rest. A name that is declared, a property, an
//! import and an attribute stand for their value, because that is what people ask about. Statements and functions are walls: a cursor in a
//! comment means nothing, not the call that the comment happens to lie in.

use super::Place;
use crate::analysis::scopes::SymbolId;
use crate::analysis::unit::Unit;
use crate::hir::visit::Node;
use crate::hir::{
    BindingId, ClassId, ClassMemberKind, ExprId, ExprKind, JsxAttribute, Name, PatId, PatKind, Property, PropertyKey, StmtId, StmtKind,
};
use crate::source::Span;

/// How many other places an error offers.
const OFFERED: usize = 3;

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Asked {
    /// An expression.
    Expr(ExprId),
    /// Everything that is written to a name.
    Symbol(SymbolId),
    /// Everything that is written to a member of a class.
    Member {
        /// The class.
        class: ClassId,
        /// Of the class itself.
        is_static: bool,
        /// The member.
        name: Name,
    },
}

/// A value that was found at a place.
#[derive(Debug, Clone)]
pub(super) struct Taken {
    /// What.
    pub(super) asked: Asked,
    /// The code that stands for it.
    pub(super) span: Span,
    /// A node from which its zone can be told; none at the top of the file.
    pub(super) node: Option<Node>,
    /// The longest expression that starts at the same place, when it is another one.
    pub(super) longer: Option<Span>,
}

/// Why there is nothing.
#[derive(Debug)]
pub(super) enum Nothing {
    /// The line does not exist, or ends before the column.
    Outside,
    /// No value stands there; those that stand on the line.
    Here(Vec<Span>),
}

/// The value at a place.
///
/// # Errors
/// When the place is outside of the text or holds no value.
pub(super) fn find(unit: &Unit, place: Place) -> Result<Taken, Nothing> {
    let source = &unit.source;
    if place.line() == 0 || place.line() > source.line_count() {
        return Err(Nothing::Outside);
    }
    let offset = |column| source.offset(place.line(), column).ok_or(Nothing::Outside);
    let marks = marks(unit);
    let line = source.line_span(place.line());
    let found = match place {
        Place::Line(_) => first_in(&marks, line),
        Place::Point { column, .. } => at_point(unit, &marks, offset(column)?),
        Place::Range { from, to, .. } => within(&marks, Span { start: offset(from)?, end: offset(to)? }),
    };
    let Some(mark) = found else {
        let mut spans: Vec<Span> =
            marks.iter().filter(|mark| mark.asked.is_some() && in_line(mark.span, line)).map(|mark| mark.span).collect();
        spans.sort_by_key(|span| (span.start, std::cmp::Reverse(span.end)));
        spans.dedup_by_key(|span| span.start);
        spans.truncate(OFFERED);
        return Err(Nothing::Here(spans));
    };
    let longer = if let (Place::Point { .. }, Some(Asked::Expr(expr))) = (place, &mark.asked) { longer(unit, *expr) } else { None };
    mark.asked.map(|asked| Taken { asked, span: mark.shown, node: mark.node, longer }).ok_or(Nothing::Here(Vec::new()))
}

/// A stretch of code and the value that it stands for; none for a wall.
#[derive(Debug, Clone)]
struct Mark {
    span: Span,
    /// What is shown as the value's code: of `key: value` the value.
    shown: Span,
    asked: Option<Asked>,
    node: Option<Node>,
}

fn in_line(span: Span, line: Span) -> bool {
    line.start <= span.start && span.start < line.end
}

/// The first value that starts in the line, whole.
fn first_in(marks: &[Mark], line: Span) -> Option<Mark> {
    let starting = marks.iter().filter(|mark| mark.asked.is_some() && in_line(mark.span, line));
    starting.min_by_key(|mark| (mark.span.start, std::cmp::Reverse(mark.span.end))).cloned()
}

fn at_point(unit: &Unit, marks: &[Mark], at: u32) -> Option<Mark> {
    let starting = marks.iter().filter(|mark| mark.asked.is_some() && mark.span.start == at && !mark.span.is_empty());
    if let Some(found) = starting.min_by_key(|mark| mark.span.len()) {
        return Some(found.clone());
    }
    let around = marks.iter().filter(|mark| mark.span.start <= at && at < mark.span.end);
    let innermost = around.min_by_key(|mark| (mark.span.len(), mark.asked.is_none()))?;
    match innermost.asked {
        // A blank or comment between the statements of a function is no way to mean the function.
        Some(Asked::Expr(expr)) if matches!(unit.module[expr].kind, ExprKind::Function(_) | ExprKind::Class(_)) => None,
        Some(_) => Some(innermost.clone()),
        None => subject(unit, marks, innermost),
    }
}

/// The smallest value that covers a stretch of code, but for blanks at its ends.
fn within(marks: &[Mark], span: Span) -> Option<Mark> {
    marks.iter().filter(|mark| mark.asked.is_some() && mark.span.contains(span)).min_by_key(|mark| mark.span.len()).cloned()
}

/// What the keyword of a statement stands for: the value of `return`, the name of a declaration.
fn subject(unit: &Unit, marks: &[Mark], wall: &Mark) -> Option<Mark> {
    let Some(Node::Stmt(stmt)) = wall.node else { return None };
    let span = match subject_of(unit, stmt)? {
        Subject::Expr(expr) => unit.module[expr].span,
        Subject::Binding(binding) => unit.module[binding].span,
    };
    marks.iter().find(|mark| mark.asked.is_some() && mark.span == span).cloned()
}

enum Subject {
    Expr(ExprId),
    Binding(BindingId),
}

fn subject_of(unit: &Unit, stmt: StmtId) -> Option<Subject> {
    match &unit.module[stmt].kind {
        StmtKind::Return(Some(expr)) | StmtKind::Throw(expr) | StmtKind::ExportDefault(expr) | StmtKind::Expr(expr) => {
            Some(Subject::Expr(*expr))
        }
        StmtKind::Declare { declarators, .. } => match declarators.as_slice() {
            [(pat, _)] => binding_of(unit, *pat).map(Subject::Binding),
            _ => None,
        },
        _ => None,
    }
}

/// The name that a pattern declares, when it is one name.
fn binding_of(unit: &Unit, pat: PatId) -> Option<BindingId> {
    match &unit.module[pat].kind {
        PatKind::Binding(binding) => Some(*binding),
        PatKind::Default { pat, .. } => match &unit.module[*pat].kind {
            PatKind::Binding(binding) => Some(*binding),
            _ => None,
        },
        _ => None,
    }
}

/// The longest chain of members and calls that starts where the expression starts.
fn longer(unit: &Unit, expr: ExprId) -> Option<Span> {
    let span = unit.module[expr].span;
    let mut longest = span;
    for ancestor in unit.parents.ancestors(Node::Expr(expr)) {
        let Node::Expr(outer) = ancestor else { break };
        let is_chain = matches!(unit.module[outer].kind, ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::Call { .. });
        if !is_chain || unit.module[outer].span.start != span.start {
            break;
        }
        longest = unit.module[outer].span;
    }
    (longest != span).then_some(longest)
}

/// Everything in a file that stands for a value, and the walls between.
fn marks(unit: &Unit) -> Vec<Mark> {
    let mut marks = Marks { unit, all: Vec::new() };
    for node in unit.parents.nodes() {
        match *node {
            Node::Expr(expr) => marks.of_expr(expr),
            Node::Pat(pat) => marks.of_pat(pat),
            Node::Stmt(stmt) => {
                marks.wall(unit.module[stmt].span, *node);
                if let StmtKind::Enum { binding, .. } | StmtKind::Namespace { binding, .. } = &unit.module[stmt].kind {
                    marks.binding(*binding, Some(*node));
                }
            }
            Node::Function(function) => {
                marks.wall(unit.module[function].span, *node);
                if let Some(name) = unit.module[function].name {
                    marks.binding(name, Some(*node));
                }
            }
            Node::Class(class) => marks.of_class(class),
        }
    }
    for import in &unit.module.imports {
        import.names.iter().for_each(|name| marks.binding(name.local, None));
    }
    for element in &unit.module.elements {
        for (_, span, value) in &element.attributes {
            if let Some(value) = value {
                marks.value(*span, *value);
            }
        }
    }
    marks.all
}

struct Marks<'u> {
    unit: &'u Unit,
    all: Vec<Mark>,
}

impl Marks<'_> {
    fn wall(&mut self, span: Span, node: Node) {
        self.all.push(Mark { span, shown: span, asked: None, node: Some(node) });
    }

    /// A name, or other code, that stands for an expression.
    fn value(&mut self, span: Span, expr: ExprId) {
        let shown = self.unit.module[expr].span;
        self.all.push(Mark { span, shown, asked: Some(Asked::Expr(expr)), node: Some(Node::Expr(expr)) });
    }

    fn binding(&mut self, binding: BindingId, node: Option<Node>) {
        if let Some(symbol) = self.unit.scopes.symbol_of_binding(binding) {
            let span = self.unit.module[binding].span;
            self.all.push(Mark { span, shown: span, asked: Some(Asked::Symbol(symbol)), node });
        }
    }

    fn of_expr(&mut self, expr: ExprId) {
        let span = self.unit.module[expr].span;
        self.value(span, expr);
        match &self.unit.module[expr].kind {
            // The callee of `a.b()` is the method; what `b` gives is the call.
            ExprKind::Member { property_span, .. } => self.value(*property_span, expr),
            ExprKind::Object(properties) => {
                for property in properties {
                    if let Property::Value { key: PropertyKey::Name(_, span), value } = property {
                        self.value(*span, *value);
                    }
                }
            }
            ExprKind::Jsx(element) => {
                for attribute in &element.attributes {
                    if let JsxAttribute::Named { span, value: Some(value), .. } = attribute {
                        self.value(*span, *value);
                    }
                }
            }
            _ => {}
        }
    }

    fn of_pat(&mut self, pat: PatId) {
        match &self.unit.module[pat].kind {
            PatKind::Binding(binding) => self.binding(*binding, Some(Node::Pat(pat))),
            PatKind::Object { properties, .. } => {
                for property in properties {
                    let (PropertyKey::Name(_, span), Some(binding)) = (&property.key, binding_of(self.unit, property.pat)) else {
                        continue;
                    };
                    if let Some(symbol) = self.unit.scopes.symbol_of_binding(binding) {
                        let shown = self.unit.module[binding].span;
                        self.all.push(Mark { span: *span, shown, asked: Some(Asked::Symbol(symbol)), node: Some(Node::Pat(property.pat)) });
                    }
                }
            }
            _ => {}
        }
    }

    fn of_class(&mut self, class: ClassId) {
        let declared = &self.unit.module[class];
        let node = Node::Class(class);
        self.wall(declared.span, node);
        if let Some(name) = declared.name {
            self.binding(name, Some(node));
        }
        for member in &declared.members {
            let Some(PropertyKey::Name(name, span)) = &member.key else { continue };
            if matches!(member.kind, ClassMemberKind::StaticBlock(_)) {
                continue;
            }
            let asked = Asked::Member { class, is_static: member.is_static, name: name.clone() };
            self.all.push(Mark { span: *span, shown: *span, asked: Some(asked), node: Some(node) });
        }
    }
}

#[cfg(test)]
mod tests;
