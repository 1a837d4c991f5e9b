//! Type annotations: only the names in them are kept.

use super::Lowering;
use super::grammar::{Field, Kind, Syntax};
use crate::hir::TypeName;
use crate::source::Span;

/// How many names of one annotation are kept; generated unions have thousands.
const MAX_NAMES: usize = 32;

impl<'t> Lowering<'_, 't> {
    /// The names of an annotation: of unions, arrays, type arguments and `typeof` queries, but not of the parameters or members
    /// of function and object types, which say nothing about the value itself. None when there is no such name.
    pub(super) fn type_name(&mut self, annotation: Option<Syntax<'t>>) -> Option<TypeName> {
        let annotation = annotation?;
        let mut names = Vec::new();
        let mut span: Option<Span> = (annotation.kind != Kind::TypeAnnotation).then(|| annotation.span());
        let mut stack = vec![annotation];
        while let Some(at) = stack.pop() {
            if names.len() == MAX_NAMES {
                break;
            }
            match at.kind {
                Kind::TypeIdentifier | Kind::Identifier => names.push(self.name(at)),
                Kind::NestedTypeIdentifier | Kind::Member => {
                    let last = self.raw_children(at).into_iter().find(|part| matches!(part.field, Some(Field::Name | Field::Property)));
                    names.extend(last.map(|last| self.name(last)));
                }
                Kind::TypeAnnotation
                | Kind::UnionType
                | Kind::IntersectionType
                | Kind::ParenthesizedType
                | Kind::ReadonlyType
                | Kind::ArrayType
                | Kind::TupleType
                | Kind::GenericType
                | Kind::TypeArguments
                | Kind::OptionalType
                | Kind::RestType
                | Kind::Instantiation
                | Kind::TypeQuery => {
                    let children = self.raw_children(at);
                    if at.kind == Kind::TypeAnnotation {
                        span = children.iter().find(|child| child.node.is_named()).map(|child| child.span());
                    }
                    stack.extend(children.into_iter().rev());
                }
                _ => {}
            }
        }
        let span = span?;
        (!names.is_empty()).then_some(TypeName { names, span })
    }

    /// All children of a node.
    fn raw_children(&mut self, of: Syntax<'t>) -> Vec<Syntax<'t>> {
        let mut children = Vec::new();
        self.cursor.reset(of.node);
        let mut more = self.cursor.goto_first_child();
        while more {
            children.push(self.grammar.syntax(self.cursor.node(), self.cursor.field_id().map(std::num::NonZero::get)));
            more = self.cursor.goto_next_sibling();
        }
        children
    }
}
