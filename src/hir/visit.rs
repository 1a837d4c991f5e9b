//! Walking a module: the children of each node, in source order.
//!
//! Every pass that must see all of a module (scopes, parents, tests) goes through [`children`], so that a new kind of node
//! is added in one place.

use super::{
    ClassId, ClassMemberKind, ExprId, ExprKind, FunctionBody, FunctionId, JsxAttribute, JsxTag, Module, PatId, PatKind, Property,
    PropertyKey, StmtId, StmtKind,
};

/// Any node of a module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Node {
    /// An expression.
    Expr(ExprId),
    /// A pattern.
    Pat(PatId),
    /// A statement.
    Stmt(StmtId),
    /// A function.
    Function(FunctionId),
    /// A class.
    Class(ClassId),
}

/// Calls `visit` with each direct child of `node`, in source order.
pub fn children(module: &Module, node: Node, visit: &mut dyn FnMut(Node)) {
    match node {
        Node::Expr(id) => expr_children(module, id, visit),
        Node::Pat(id) => pat_children(module, id, visit),
        Node::Stmt(id) => stmt_children(module, id, visit),
        Node::Function(id) => {
            let function = &module[id];
            for param in &function.params {
                for decorator in &param.decorators {
                    visit(Node::Expr(*decorator));
                }
                visit(Node::Pat(param.pat));
            }
            match &function.body {
                Some(FunctionBody::Block(body)) => body.iter().for_each(|stmt| visit(Node::Stmt(*stmt))),
                Some(FunctionBody::Expr(expr)) => visit(Node::Expr(*expr)),
                None => {}
            }
        }
        Node::Class(id) => class_children(module, id, visit),
    }
}

/// The roots of a module: program bodies, the data value, export expressions that stand in no statement, markup values.
pub fn roots(module: &Module, visit: &mut dyn FnMut(Node)) {
    for program in &module.programs {
        program.body.iter().for_each(|stmt| visit(Node::Stmt(*stmt)));
    }
    for export in &module.exports {
        if let super::ExportKind::Expr { expr, .. } = &export.kind
            && matches!(module[*expr].kind, ExprKind::Ident(_))
        {
            visit(Node::Expr(*expr));
        }
    }
    if let Some(value) = module.value {
        visit(Node::Expr(value));
    }
    module.elements.iter().flat_map(super::MarkupElement::roots).for_each(|expr| visit(Node::Expr(expr)));
}

fn key(key: &PropertyKey, visit: &mut dyn FnMut(Node)) {
    if let PropertyKey::Computed(expr) = key {
        visit(Node::Expr(*expr));
    }
}

fn expr_children(module: &Module, id: ExprId, visit: &mut dyn FnMut(Node)) {
    match &module[id].kind {
        ExprKind::Ident(_)
        | ExprKind::This
        | ExprKind::Super
        | ExprKind::Literal(_)
        | ExprKind::ImportMeta
        | ExprKind::TemplateHole(_)
        | ExprKind::TypedIn => {}
        ExprKind::Unknown(children) | ExprKind::Sequence(children) => children.iter().for_each(|child| visit(Node::Expr(*child))),
        ExprKind::Template { exprs, .. } => exprs.iter().for_each(|child| visit(Node::Expr(*child))),
        ExprKind::TaggedTemplate { tag, template } => {
            visit(Node::Expr(*tag));
            visit(Node::Expr(*template));
        }
        ExprKind::Object(properties) => {
            for property in properties {
                match property {
                    Property::Value { key: name, value } => {
                        key(name, visit);
                        visit(Node::Expr(*value));
                    }
                    Property::Accessor { key: name, function } => {
                        key(name, visit);
                        visit(Node::Function(*function));
                    }
                    Property::Spread(value) => visit(Node::Expr(*value)),
                }
            }
        }
        ExprKind::Array(elements) => elements.iter().for_each(|element| visit(Node::Expr(element.expr))),
        ExprKind::Function(function) => visit(Node::Function(*function)),
        ExprKind::Class(class) => visit(Node::Class(*class)),
        ExprKind::Member { object, .. } => visit(Node::Expr(*object)),
        ExprKind::Index { object, index, .. } => {
            visit(Node::Expr(*object));
            visit(Node::Expr(*index));
        }
        ExprKind::Call { callee, args, .. } | ExprKind::New { callee, args } => {
            visit(Node::Expr(*callee));
            args.iter().for_each(|arg| visit(Node::Expr(arg.expr)));
        }
        ExprKind::ImportCall { specifier } => visit(Node::Expr(*specifier)),
        ExprKind::Assign { target, value, .. } => {
            visit(Node::Pat(*target));
            visit(Node::Expr(*value));
        }
        ExprKind::Unary { operand, .. } => visit(Node::Expr(*operand)),
        ExprKind::Binary { left, right, .. } | ExprKind::Logical { left, right, .. } => {
            visit(Node::Expr(*left));
            visit(Node::Expr(*right));
        }
        ExprKind::Conditional { test, yes, no } => {
            visit(Node::Expr(*test));
            visit(Node::Expr(*yes));
            visit(Node::Expr(*no));
        }
        ExprKind::Await(expr) | ExprKind::Cast { expr, .. } => visit(Node::Expr(*expr)),
        ExprKind::Yield(expr) => {
            if let Some(expr) = expr {
                visit(Node::Expr(*expr));
            }
        }
        ExprKind::Jsx(element) => {
            if let JsxTag::Component(tag) = element.tag {
                visit(Node::Expr(tag));
            }
            for attribute in &element.attributes {
                match attribute {
                    JsxAttribute::Named { value: Some(value), .. } | JsxAttribute::Spread(value) => visit(Node::Expr(*value)),
                    JsxAttribute::Named { value: None, .. } => {}
                }
            }
            element.children.iter().for_each(|child| visit(Node::Expr(*child)));
        }
    }
}

fn pat_children(module: &Module, id: PatId, visit: &mut dyn FnMut(Node)) {
    match &module[id].kind {
        PatKind::Binding(_) | PatKind::Unknown => {}
        PatKind::Expr(expr) => visit(Node::Expr(*expr)),
        PatKind::Object { properties, rest } => {
            for property in properties {
                key(&property.key, visit);
                visit(Node::Pat(property.pat));
            }
            if let Some(rest) = rest {
                visit(Node::Pat(*rest));
            }
        }
        PatKind::Array { elements, rest } => {
            elements.iter().flatten().for_each(|element| visit(Node::Pat(*element)));
            if let Some(rest) = rest {
                visit(Node::Pat(*rest));
            }
        }
        PatKind::Default { pat, default } => {
            visit(Node::Pat(*pat));
            visit(Node::Expr(*default));
        }
    }
}

fn stmt_children(module: &Module, id: StmtId, visit: &mut dyn FnMut(Node)) {
    match &module[id].kind {
        StmtKind::Expr(expr) | StmtKind::Throw(expr) | StmtKind::ExportDefault(expr) => visit(Node::Expr(*expr)),
        StmtKind::Declare { declarators, .. } => {
            for (pat, init) in declarators {
                visit(Node::Pat(*pat));
                if let Some(init) = init {
                    visit(Node::Expr(*init));
                }
            }
        }
        StmtKind::Function(function) => visit(Node::Function(*function)),
        StmtKind::Class(class) => visit(Node::Class(*class)),
        StmtKind::Return(expr) => {
            if let Some(expr) = expr {
                visit(Node::Expr(*expr));
            }
        }
        StmtKind::If { test, then, otherwise } => {
            visit(Node::Expr(*test));
            visit(Node::Stmt(*then));
            if let Some(otherwise) = otherwise {
                visit(Node::Stmt(*otherwise));
            }
        }
        StmtKind::For { init, test, update, body } => {
            if let Some(init) = init {
                visit(Node::Stmt(*init));
            }
            for part in [test, update].into_iter().flatten() {
                visit(Node::Expr(*part));
            }
            visit(Node::Stmt(*body));
        }
        StmtKind::ForEach { pat, iterable, body, .. } => {
            visit(Node::Pat(*pat));
            visit(Node::Expr(*iterable));
            visit(Node::Stmt(*body));
        }
        StmtKind::While { test, body } => {
            visit(Node::Expr(*test));
            visit(Node::Stmt(*body));
        }
        StmtKind::Try { block, param, handler, finalizer } => {
            visit(Node::Stmt(*block));
            if let Some(param) = param {
                visit(Node::Pat(*param));
            }
            for part in [handler, finalizer].into_iter().flatten() {
                visit(Node::Stmt(*part));
            }
        }
        StmtKind::Switch { discriminant, cases } => {
            visit(Node::Expr(*discriminant));
            for (test, body) in cases {
                if let Some(test) = test {
                    visit(Node::Expr(*test));
                }
                body.iter().for_each(|stmt| visit(Node::Stmt(*stmt)));
            }
        }
        StmtKind::Block(body) | StmtKind::Namespace { body, .. } | StmtKind::Unknown(body) => {
            body.iter().for_each(|stmt| visit(Node::Stmt(*stmt)));
        }
        StmtKind::Labeled(stmt) => visit(Node::Stmt(*stmt)),
        StmtKind::Enum { object, .. } => visit(Node::Expr(*object)),
        StmtKind::Jump | StmtKind::Empty => {}
    }
}

fn class_children(module: &Module, id: ClassId, visit: &mut dyn FnMut(Node)) {
    let class = &module[id];
    class.decorators.iter().for_each(|decorator| visit(Node::Expr(*decorator)));
    if let Some(super_class) = class.super_class {
        visit(Node::Expr(super_class));
    }
    for member in &class.members {
        member.decorators.iter().for_each(|decorator| visit(Node::Expr(*decorator)));
        if let Some(name) = &member.key {
            key(name, visit);
        }
        match &member.kind {
            ClassMemberKind::Method(function) => visit(Node::Function(*function)),
            ClassMemberKind::Field(Some(value)) => visit(Node::Expr(*value)),
            ClassMemberKind::Field(None) => {}
            ClassMemberKind::StaticBlock(body) => body.iter().for_each(|stmt| visit(Node::Stmt(*stmt))),
        }
    }
}
