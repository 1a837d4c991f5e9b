//! Operator tokens.

use crate::hir::{AssignOp, BinaryOp, LogicalOp, UnaryOp};

/// An infix operator: HIR keeps the logical ones apart because they pass a value through.
#[derive(Debug, Clone, Copy)]
pub(super) enum Infix {
    /// Yields one of its operands.
    Logical(LogicalOp),
    /// Computes a new value.
    Binary(BinaryOp),
}

/// The infix operator that `token` spells.
pub(super) fn infix(token: &str) -> Infix {
    match token {
        "&&" => Infix::Logical(LogicalOp::And),
        "||" => Infix::Logical(LogicalOp::Or),
        "??" => Infix::Logical(LogicalOp::Nullish),
        "+" => Infix::Binary(BinaryOp::Add),
        "===" => Infix::Binary(BinaryOp::StrictEqual),
        "!==" => Infix::Binary(BinaryOp::StrictNotEqual),
        "==" => Infix::Binary(BinaryOp::LooseEqual),
        "!=" => Infix::Binary(BinaryOp::LooseNotEqual),
        "<" | "<=" | ">" | ">=" => Infix::Binary(BinaryOp::Compare),
        "in" => Infix::Binary(BinaryOp::In),
        "instanceof" => Infix::Binary(BinaryOp::InstanceOf),
        _ => Infix::Binary(BinaryOp::Arithmetic),
    }
}

/// The prefix operator that `token` spells.
pub(super) fn prefix(token: &str) -> UnaryOp {
    match token {
        "!" => UnaryOp::Not,
        "typeof" => UnaryOp::TypeOf,
        "delete" => UnaryOp::Delete,
        "void" => UnaryOp::Void,
        "-" => UnaryOp::Minus,
        "+" => UnaryOp::Plus,
        _ => UnaryOp::Other,
    }
}

/// The assignment operator that `token` spells.
pub(super) fn assignment(token: &str) -> AssignOp {
    match token {
        "=" => AssignOp::Assign,
        "+=" => AssignOp::Add,
        "&&=" => AssignOp::Logical(LogicalOp::And),
        "||=" => AssignOp::Logical(LogicalOp::Or),
        "??=" => AssignOp::Logical(LogicalOp::Nullish),
        _ => AssignOp::Other,
    }
}
