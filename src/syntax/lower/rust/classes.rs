//! Structs, enums and traits with their `impl` blocks, as classes.
//!
//! What serde calls a field on the wire is a getter beside it, so that an answer has the member that its reader asks for.

use rustc_hash::FxHashMap;
use syn::{Field, Fields, FnArg, Ident, ImplItem, Item, ItemImpl, Signature, TraitItem, Type};

use super::Lowering;
use super::attributes::{self, Renaming};
use super::patterns::last;
use crate::hir::{
    BindingId, BindingKind, Class, ClassMember, ClassMemberKind, ExprId, ExprKind, Function, FunctionBody, FunctionKind, Name, PropertyKey,
    StmtId, StmtKind,
};
use crate::source::Span;

/// Traits that no code of a project is called through.
const COMMON: [&str; 30] = [
    "Default",
    "Clone",
    "Debug",
    "Display",
    "From",
    "Into",
    "TryFrom",
    "TryInto",
    "FromStr",
    "FromRequest",
    "FromRequestParts",
    "FromRef",
    "IntoResponse",
    "Responder",
    "ResponseError",
    "Iterator",
    "Drop",
    "Deref",
    "DerefMut",
    "Error",
    "Serialize",
    "Deserialize",
    "Service",
    "Transform",
    "Layer",
    "Hash",
    "PartialEq",
    "Eq",
    "AsRef",
    "Handler",
];

/// The types of one list of items while their members are collected.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    order: Vec<Name>,
    known: FxHashMap<Name, Draft>,
}

#[derive(Debug, Default)]
struct Draft {
    span: Span,
    name: Option<BindingId>,
    members: Vec<ClassMember>,
    decorators: Vec<ExprId>,
    above: Option<ExprId>,
    /// It is declared elsewhere: only its methods stand here.
    elsewhere: bool,
}

impl Drafts {
    /// Knows the names of the types that a list of items declares.
    pub(super) fn of(items: &[&Item]) -> Self {
        let mut drafts = Self::default();
        for item in items {
            let ident = match item {
                Item::Struct(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                _ => continue,
            };
            drafts.add(Name::from(ident.to_string()), false);
        }
        drafts
    }

    fn add(&mut self, name: Name, elsewhere: bool) -> &mut Draft {
        if !self.known.contains_key(&name) {
            self.order.push(name.clone());
        }
        self.known.entry(name).or_insert_with(|| Draft { elsewhere, ..Draft::default() })
    }
}

impl Lowering<'_, '_> {
    pub(super) fn type_item(&mut self, item: &Item, drafts: &mut Drafts) {
        match item {
            Item::Struct(item) => {
                let start = self.span(item.struct_token.span);
                let end = match &item.fields {
                    Fields::Named(fields) => self.span(fields.brace_token.span.close()),
                    Fields::Unnamed(fields) => self.span(fields.paren_token.span.close()),
                    Fields::Unit => self.span(item.ident.span()),
                };
                let all = attributes::renaming(&item.attrs);
                let members = self.fields(&item.fields, all);
                let decorators = self.decorators(&item.attrs);
                self.declared(drafts, &item.ident, Self::between(start, end), members, decorators);
            }
            Item::Enum(item) => {
                let span = Self::between(self.span(item.enum_token.span), self.span(item.brace_token.span.close()));
                let mut members = Vec::new();
                for variant in &item.variants {
                    let at = self.span(variant.ident.span());
                    let key = Some(PropertyKey::Name(self.name(&variant.ident), at));
                    let kind = ClassMemberKind::Field(None);
                    members.push(ClassMember { span: at, key, is_static: true, kind, type_name: None, decorators: Vec::new() });
                }
                self.declared(drafts, &item.ident, span, members, Vec::new());
            }
            Item::Trait(item) => {
                let span = Self::between(self.span(item.trait_token.span), self.span(item.brace_token.span.close()));
                let name = self.name(&item.ident);
                let outer = self.self_type.replace(name);
                let mut members = Vec::new();
                for inner in &item.items {
                    match inner {
                        TraitItem::Fn(method) => {
                            members.push(self.method(&method.sig, method.default.as_ref(), &method.attrs));
                        }
                        TraitItem::Const(constant) => {
                            let value = constant.default.as_ref().map(|(_, value)| self.expr(value));
                            members.push(self.associated(&constant.ident, value));
                        }
                        _ => {}
                    }
                }
                self.self_type = outer;
                self.declared(drafts, &item.ident, span, members, Vec::new());
            }
            Item::Impl(item) => self.implementation(item, drafts),
            _ => {}
        }
    }

    fn declared(&mut self, drafts: &mut Drafts, ident: &Ident, span: Span, members: Vec<ClassMember>, decorators: Vec<ExprId>) {
        let binding = self.bound(ident, BindingKind::Class);
        let draft = drafts.add(Name::from(ident.to_string()), false);
        draft.span = span;
        draft.name = Some(binding);
        draft.members.extend(members);
        draft.decorators.extend(decorators);
    }

    fn implementation(&mut self, item: &ItemImpl, drafts: &mut Drafts) {
        let Some(of) = named(&item.self_ty) else { return };
        let outer = self.self_type.replace(of.clone());
        let mut members = Vec::new();
        let mut list = Vec::new();
        // What a constant is made of stands before the class.
        self.lists.push(Vec::new());
        for inner in &item.items {
            match inner {
                ImplItem::Fn(method) if !attributes::is_test(&method.attrs) => {
                    members.push(self.method(&method.sig, Some(&method.block), &method.attrs));
                }
                ImplItem::Const(constant) => {
                    let value = self.expr(&constant.expr);
                    members.push(self.associated(&constant.ident, Some(value)));
                }
                _ => {}
            }
        }
        list.extend(self.lists.pop().unwrap_or_default());
        self.self_type = outer;
        if let Some(outer) = self.lists.last_mut() {
            outer.extend(list);
        }
        let above = item.trait_.as_ref().filter(|(path, _)| !COMMON.contains(&last(path).as_str()) && drafts.known.contains_key(&of));
        let above = above.map(|(path, _)| self.path(path));
        let span = Self::between(self.span(item.impl_token.span), self.span(item.brace_token.span.close()));
        let draft = drafts.add(of, true);
        if draft.elsewhere && draft.span.is_empty() {
            draft.span = span;
        }
        draft.members.extend(members);
        draft.above = draft.above.or(above);
    }

    fn method(&mut self, signature: &Signature, block: Option<&syn::Block>, attributes: &[syn::Attribute]) -> ClassMember {
        let is_static = !matches!(signature.inputs.first(), Some(FnArg::Receiver(_)));
        let at = self.span(signature.ident.span());
        let key = Some(PropertyKey::Name(self.name(&signature.ident), at));
        let decorators = self.decorators(attributes);
        let function = self.function(signature, block, &[], FunctionKind::Method, None);
        let span = self.module[function].span;
        ClassMember { span, key, is_static, kind: ClassMemberKind::Method(function), type_name: None, decorators }
    }

    fn associated(&mut self, ident: &Ident, value: Option<ExprId>) -> ClassMember {
        let at = self.span(ident.span());
        let span = value.map_or(at, |value| Self::between(at, self.module[value].span));
        let key = Some(PropertyKey::Name(self.name(ident), at));
        ClassMember { span, key, is_static: true, kind: ClassMemberKind::Field(value), type_name: None, decorators: Vec::new() }
    }

    fn fields(&mut self, fields: &Fields, all: Option<Renaming>) -> Vec<ClassMember> {
        let mut members = Vec::new();
        for (index, field) in fields.iter().enumerate() {
            let (name, at) = match &field.ident {
                Some(ident) => (self.name(ident), self.span(ident.span())),
                None => (self.intern(&index.to_string()), self.type_span(&field.ty)),
            };
            let type_name = self.type_name(&field.ty);
            let decorators = self.decorators(&field.attrs);
            let key = Some(PropertyKey::Name(name.clone(), at));
            let kind = ClassMemberKind::Field(None);
            members.push(ClassMember { span: at, key, is_static: false, kind, type_name, decorators });
            members.extend(self.wire(field, &name, at, all));
        }
        members
    }

    /// A getter under the name that a field has on the wire.
    fn wire(&mut self, field: &Field, name: &Name, at: Span, all: Option<Renaming>) -> Option<ClassMember> {
        let wire = attributes::renamed(&field.attrs).or_else(|| all.map(|all| all.apply(name)))?;
        if *wire == **name {
            return None;
        }
        let object = self.module.expr(at, ExprKind::This);
        let kind = ExprKind::Member { object, property: name.clone(), property_span: at, optional: false };
        let value = self.module.expr(at, kind);
        let given = self.module.stmt(at, StmtKind::Return(Some(value)));
        let function = self.module.function(Function {
            span: at,
            name: None,
            kind: FunctionKind::Getter,
            is_async: false,
            is_generator: false,
            params: Vec::new(),
            body: Some(FunctionBody::Block(vec![given])),
            directives: Vec::new(),
            decorators: Vec::new(),
        });
        let key = Some(PropertyKey::Name(Name::from(wire), at));
        let kind = ClassMemberKind::Method(function);
        Some(ClassMember { span: at, key, is_static: false, kind, type_name: None, decorators: Vec::new() })
    }

    fn type_span(&mut self, ty: &Type) -> Span {
        self.type_name(ty).map_or(Span::default(), |name| name.span)
    }

    /// The classes of a list of items.
    pub(super) fn classes(&mut self, drafts: Drafts, at_top: bool) -> Vec<StmtId> {
        let Drafts { order, mut known } = drafts;
        let mut stmts = Vec::new();
        for name in order {
            let Some(mut draft) = known.remove(&name) else { continue };
            if draft.members.is_empty() && draft.name.is_none() {
                continue;
            }
            // Whose `this` it is, is looked up by where members begin.
            draft.members.sort_by_key(|member| member.span);
            let class = self.module.class(Class {
                span: draft.span,
                name: draft.name,
                is_declaration: true,
                super_class: draft.above,
                members: draft.members,
                decorators: draft.decorators,
            });
            stmts.push(self.module.stmt(draft.span, StmtKind::Class(class)));
            if let Some(binding) = draft.name {
                self.export(binding, at_top);
            }
        }
        stmts
    }
}

/// The name of the type that a block implements something for.
fn named(ty: &Type) -> Option<Name> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|last| Name::from(last.ident.to_string())),
        Type::Reference(reference) => match &*reference.elem {
            Type::Path(path) => path.path.segments.last().map(|last| Name::from(last.ident.to_string())),
            _ => None,
        },
        _ => None,
    }
}
