//! Items: functions, constants, modules; types are for `classes`.

use syn::{Expr, Ident, Item, ItemMod};

use super::classes::Drafts;
use super::{Lowering, attributes};
use crate::hir::{BindingId, BindingKind, Export, ExportKind, ExprId, FunctionKind, Name, PatKind, StmtId, StmtKind, TypeName};
use crate::source::Span;

impl Lowering<'_, '_> {
    /// The items of a file.
    pub(super) fn items(&mut self, items: &[Item]) -> Vec<StmtId> {
        let items: Vec<&Item> = items.iter().collect();
        self.items_of(&items, true)
    }

    /// The items in a block, or in a module inside of the file.
    pub(super) fn local_items(&mut self, items: &[&Item]) -> Vec<StmtId> {
        self.items_of(items, false)
    }

    fn items_of(&mut self, items: &[&Item], at_top: bool) -> Vec<StmtId> {
        let kept: Vec<&Item> = items.iter().copied().filter(|item| !is_test_item(item)).collect();
        let mut drafts = Drafts::of(&kept);
        let mut body = self.listed(|lowering| {
            for item in kept {
                lowering.item(item, at_top, &mut drafts);
            }
        });
        body.extend(self.classes(drafts, at_top));
        body.sort_by_key(|stmt| self.module[*stmt].span);
        body
    }

    fn item(&mut self, item: &Item, at_top: bool, drafts: &mut Drafts) {
        match item {
            Item::Fn(function) => {
                let name = self.bound(&function.sig.ident, BindingKind::Function);
                let id = self.function(&function.sig, Some(&function.block), &function.attrs, FunctionKind::Declaration, Some(name));
                let span = self.module[id].span;
                self.emit(span, StmtKind::Function(id));
                self.export(name, at_top);
            }
            Item::Const(constant) => {
                let type_name = self.type_name(&constant.ty);
                self.constant(&constant.ident, type_name, &constant.expr, at_top);
            }
            Item::Static(constant) => {
                let type_name = self.type_name(&constant.ty);
                self.constant(&constant.ident, type_name, &constant.expr, at_top);
            }
            Item::Struct(_) | Item::Enum(_) | Item::Trait(_) | Item::Impl(_) => self.type_item(item, drafts),
            Item::Use(import) => self.use_item(import, at_top),
            Item::Mod(module) => match &module.content {
                Some((_, items)) => self.inner_module(module, items, at_top),
                None => self.outer_module(module),
            },
            Item::Macro(mac) => self.item_macro(&mac.mac, at_top),
            _ => {}
        }
    }

    pub(super) fn constant(&mut self, ident: &Ident, type_name: Option<TypeName>, value: &Expr, at_top: bool) {
        let at = self.span(ident.span());
        let name = self.bound(ident, BindingKind::Const);
        if let Some(slot) = self.module.bindings.get_mut(name.index()) {
            slot.type_name = type_name;
        }
        let value = self.expr(value);
        self.declare_constant(name, at, value);
        self.export(name, at_top);
    }

    fn declare_constant(&mut self, name: BindingId, at: Span, value: ExprId) {
        let pat = self.module.pat(at, PatKind::Binding(name));
        let span = Self::between(at, self.module[value].span);
        self.emit(span, StmtKind::Declare { kind: BindingKind::Const, declarators: vec![(pat, Some(value))] });
    }

    /// The name of an item.
    pub(super) fn bound(&mut self, ident: &Ident, kind: BindingKind) -> BindingId {
        let name: Name = self.name(ident);
        let span = self.span(ident.span());
        self.declare(name, span, kind)
    }

    pub(super) fn export(&mut self, binding: BindingId, at_top: bool) {
        if at_top {
            let (name, span) = (self.module[binding].name.clone(), self.module[binding].span);
            self.module.exports.push(Export { span, type_only: false, kind: ExportKind::Binding { name, binding } });
        }
    }

    /// `mod name { … }`
    fn inner_module(&mut self, module: &ItemMod, items: &[Item], at_top: bool) {
        let start = self.span(module.mod_token.span);
        if !self.may_enter(start) {
            return;
        }
        let end = module.content.as_ref().map_or(start, |(brace, _)| self.span(brace.span.close()));
        let binding = self.bound(&module.ident, BindingKind::Namespace);
        self.depth += 1;
        self.inline += 1;
        let items: Vec<&Item> = items.iter().collect();
        let body = self.local_items(&items);
        self.inline -= 1;
        self.depth -= 1;
        self.emit(Self::between(start, end), StmtKind::Namespace { binding, body });
        self.export(binding, at_top);
    }
}

fn is_test_item(item: &Item) -> bool {
    let attributes = match item {
        Item::Fn(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Const(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes::is_test(attributes)
}
