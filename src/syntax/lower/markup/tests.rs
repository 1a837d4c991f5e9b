//! Tests of the markup lowering, through its public function.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::time::{Duration, Instant};

use super::lower;
use crate::hir::{ExprId, ExprKind, JsxAttribute, JsxTag, Literal, Module, StmtKind};
use crate::project::kind::FileKind;
use crate::source::Span;

const MARKUP: [FileKind; 5] = [FileKind::Html, FileKind::Vue, FileKind::Svelte, FileKind::Astro, FileKind::Template];

/// Lowers a text and checks what holds for every module: spans fit the text, and identifiers stand where they say.
fn lowered(kind: FileKind, text: &str) -> Module {
    let module = lower(kind, text);
    for expr in &module.exprs {
        let raw = text.get(expr.span.range());
        match &expr.kind {
            // `phone-panel` is the component `PhonePanel`.
            ExprKind::Ident(name) if raw.is_some_and(|raw| raw.contains('-')) => {
                assert_eq!(raw.map(|raw| raw.replace('-', "").to_lowercase()), Some(name.to_lowercase()), "{kind:?}: {text}");
            }
            ExprKind::Ident(name) => assert_eq!(raw, Some(&**name), "{kind:?}: {text}"),
            _ => assert!(raw.is_some(), "{kind:?}: {expr:?} in {text}"),
        }
    }
    for program in &module.programs {
        assert!(text.get(program.span.range()).is_some());
    }
    module
}

/// `Kind:text` of every program.
fn programs(kind: FileKind, text: &str) -> Vec<String> {
    lowered(kind, text).programs.iter().map(|program| format!("{:?}:{}", program.kind, text[program.span.range()].trim())).collect()
}

/// The text of every hole that became a value, in order of position.
fn holes(kind: FileKind, text: &str) -> Vec<String> {
    let module = lowered(kind, text);
    let mut holes: Vec<(Span, String)> = module
        .exprs
        .iter()
        .filter_map(|expr| match &expr.kind {
            ExprKind::TemplateHole(hole) => Some((expr.span, hole.to_string())),
            _ => None,
        })
        .collect();
    holes.sort();
    holes.into_iter().map(|(_, hole)| hole).collect()
}

/// A short form of an expression.
fn show(module: &Module, text: &str, id: ExprId) -> String {
    match &module[id].kind {
        ExprKind::Literal(Literal::String(value)) => format!("{value:?}"),
        ExprKind::TemplateHole(hole) => format!("hole({hole})"),
        ExprKind::Template { quasis, exprs } => {
            for (quasi, span) in quasis {
                assert!(text[span.range()].starts_with(&**quasi) || quasi.is_empty(), "{quasi:?} at {:?}", &text[span.range()]);
            }
            let parts: Vec<String> = exprs.iter().map(|expr| show(module, text, *expr)).collect();
            format!("template({})", parts.join(", "))
        }
        ExprKind::Unknown(children) => {
            format!("unknown({})", children.iter().map(|child| show(module, text, *child)).collect::<Vec<_>>().join(", "))
        }
        _ => text[module[id].span.range()].to_owned(),
    }
}

/// `tag name=value …` of every element.
fn elements(kind: FileKind, text: &str) -> Vec<String> {
    let module = lowered(kind, text);
    let attribute = |(name, span, value): &(crate::hir::Name, Span, Option<ExprId>)| {
        assert!(text[span.range()].contains(&**name), "{name} at {span:?}");
        match value {
            Some(value) => format!(" {name}={}", show(&module, text, *value)),
            None => format!(" {name}"),
        }
    };
    module
        .elements
        .iter()
        .map(|element| {
            assert!(text[element.span.range()].starts_with('<'));
            format!("{}{}", element.tag, element.attributes.iter().map(attribute).collect::<String>())
        })
        .collect()
}

#[test]
fn scripts_of_html_run_as_their_type_says() {
    let cases: [(&str, &[&str]); 24] = [
        ("<script>a</script>", &["Classic:a"]),
        ("<SCRIPT TYPE='text/javascript'>a</SCRIPT >b", &["Classic:a"]),
        ("<script type=module>a</script>", &["Module:a"]),
        ("<script type=\"text/babel\" data-type=\"module\">a</script>", &["Module:a"]),
        ("<script type=\"text/jsx\">f(<a/>)</script>", &["Classic:f(<a/>)"]),
        ("<script lang=\"ts\">let a: b</script>", &["Classic:let a: b"]),
        ("<script type=\"application/json\">{}</script><script>a</script>", &["Classic:a"]),
        ("<script type=\"text/x-template\"><script>a</script>", &[]),
        ("<!-- <script>a</script> --><script>b</script>", &["Classic:b"]),
        ("<!--><script>a</script>", &["Classic:a"]),
        ("<!-- <script>a</script>", &[]),
        ("<textarea><script>a</script></textarea><script>b</script>", &["Classic:b"]),
        ("<style>a > b { content: '<script>' }</style><script>b</script>", &["Classic:b"]),
        ("<title>a <b</title><script>b</script>", &["Classic:b"]),
        ("<script>a", &["Classic:a"]),
        ("<script>'</scripts>'</script>", &["Classic:'</scripts>'"]),
        ("<script>\n//<![CDATA[\na\n//]]>\n</script>", &["Classic://<![CDATA[\na\n//]]>"]),
        ("<script><![CDATA[ a ]]></script>", &["Classic:a"]),
        ("<a title='<script>a</script>'><script>b</script>", &["Classic:b"]),
        ("<div <script>a</script>", &["Classic:a"]),
        ("a < b <script nonce>c</script>", &["Classic:c"]),
        ("<script src=x>a</script><script/>b</script>", &["Classic:b"]),
        ("<?xml version='1.0'?><script src='x'/><script>b</script>", &["Classic:b"]),
        ("<![CDATA[<script>a</script>]]><script>b</script>", &["Classic:b"]),
    ];
    for (text, expected) in cases {
        assert_eq!(programs(FileKind::Html, text), expected, "{text}");
    }
}

#[test]
fn component_files_have_their_own_kinds_of_script() {
    let cases: [(FileKind, &str, &[&str]); 12] = [
        (FileKind::Vue, "<script setup lang=\"ts\">a as B</script><script>b</script>", &["Setup:a as B", "Component:b"]),
        (FileKind::Vue, "<template>{{ a <b }}</template><script>c</script>", &["Inline:a <b", "Component:c"]),
        (FileKind::Vue, "<template>{{ a </template>\n<script>c</script>", &["Component:c"]),
        (FileKind::Vue, "<script src=\"./a.ts\" /><script setup>a</script>", &["Setup:a"]),
        (FileKind::Svelte, "<script context=\"module\">a</script><script>b</script>", &["Module:a", "Component:b"]),
        (FileKind::Svelte, "<script module lang='ts'>a</script>", &["Module:a"]),
        (FileKind::Astro, "---\nconst a: B = c;\n---\n<script>b</script>", &["Server:const a: B = c;", "Module:b"]),
        (FileKind::Astro, "\n---\r\na\r\n---\r\n<script is:inline>b</script>", &["Server:a", "Classic:b"]),
        (FileKind::Astro, "---\nconst a = '---'\n---\n<p>", &["Server:const a = '---'"]),
        (FileKind::Astro, "---\na", &["Server:a"]),
        (FileKind::Astro, "<p>---</p><script>b</script>", &["Module:b"]),
        (FileKind::Astro, "<script define:vars={{ a }}>b</script>", &["Classic:b"]),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(programs(kind, text), expected, "{text}");
    }
}

#[test]
fn inline_handlers_are_programs_when_they_call() {
    let text = "<b onclick=\"connect('a')\" onload=x ONFOCUS=login()></b><a href=\"javascript:go()\"><form action=\"/javascript:x(\">";
    assert_eq!(programs(FileKind::Html, text), ["Inline:connect('a')", "Inline:login()", "Inline:go()"]);
    let text = "<script setup lang=ts></script><b @click=\"const a = b as C; call(a)\" @end='call(a)'>";
    assert_eq!(programs(FileKind::Vue, text), ["Setup:", "Inline:const a = b as C; call(a)"]);
}

#[test]
fn script_urls_and_import_maps_keep_their_places() {
    let text = r#"<script src="https://cdn.example/a.js"></script><script type=module src=./b.js></script>
<script type="importmap">{"imports": {"a": "https://cdn.example/a@1", "n": 1}, "scopes": {"/x/": {"b": "./b.js"}}}</script>
<script src="{{ url_for('static', filename="c.js") }}"></script><script src></script>"#;
    let module = lowered(FileKind::Html, text);
    let urls: Vec<(&str, bool, Option<&str>)> =
        module.script_urls.iter().map(|url| (&text[url.span.range()], url.module, url.import_map_key.as_deref())).collect();
    let expected = [
        ("https://cdn.example/a.js", false, None),
        ("./b.js", true, None),
        ("https://cdn.example/a@1", true, Some("a")),
        ("./b.js", true, Some("b")),
        ("{{ url_for('static', filename=\"c.js\") }}", false, None),
    ];
    assert_eq!(urls, expected);
    assert!(module.problems.is_empty());
    assert_eq!(lowered(FileKind::Html, "<script type=importmap>{\"a\": </script>").problems.len(), 1);
}

#[test]
fn every_engine_has_its_holes_in_scripts() {
    let cases: [(&str, &[&str]); 40] = [
        ("let a = {{ user.password }};", &["user.password"]),
        ("let a = '{{ user.password|escapejs }}';", &["user.password|escapejs"]),
        ("let a = {{- .Token -}};", &[".Token"]),
        ("{{ if .Dev }}let a = {{ .Token }};{{ else }}b{{ end }}", &[".Token"]),
        ("{{#if a}}let b = {{{json c}}};{{/if}}", &["json c"]),
        ("{{!-- {{ a }} --}}let b = 1;", &[]),
        ("{% if a %}let b = {{ c }};{% endif %}{# {{ d }} #}", &["c"]),
        ("{% raw %}let a = '{{ b }}';{% endraw %}let c = {{ d }};", &["d"]),
        ("{% comment %}{{ a }}{% endcomment %}let c = {{ d }};", &["d"]),
        ("let a = {!! json_encode($b) !!};", &["json_encode($b)"]),
        ("{{-- {{ $a }} --}}let b = {{ $c }};", &["$c"]),
        ("let a = {{ $b }}; let c = '@{{ d }}';", &["$b"]),
        ("@if($a)\nlet b = @json($c->d(['x' => ')']));\n@endif", &["$c->d(['x' => ')'])"]),
        ("@if ($a) let b = 1; @else let b = @js($c); @endif", &["$c"]),
        ("@php\n$a = '{{ b }}';\n@endphp\nlet c = {{ $d }};", &["$d"]),
        ("@verbatim\nlet a = '{{ b }}';\n@endverbatim\nlet c = {{ $d }};", &["$d"]),
        ("{{ $a }}; import { b } from '@telnyx/webrtc'; let c = 'x@json.org'", &["$a"]),
        ("let a = <%= b %>, c = <%- JSON.stringify(d) %>;", &["b", "JSON.stringify(d)"]),
        ("<% if (a) { %>let b = 1;<% } %>", &[]),
        ("<%# a %><%-- b --%><%_ c _%>let d = '<%% e';", &[]),
        ("<%- if a -%>let b = '<%= c -%>';<%- end -%><%- d.each do |e| -%>", &["c"]),
        ("let a = <?= $b ?>, c = <?php echo json_encode($d); ?>;", &["$b", "json_encode($d)"]),
        ("<?php if ($a): ?>let b = 1;<?php endif; ?>", &[]),
        ("<?php $a = 1; echo $b; ?>let c = 1;", &[]),
        ("let a = 1; <?php echo $b", &["$b</script>"]),
        (
            "@model A\nlet a = '@Model.B', c = @(d + e), f = @Json.Serialize(g[0]).H(\")\");",
            &["Model.B", "d + e", "Json.Serialize(g[0]).H(\")\")"],
        ),
        ("@model A\n@* @Model.X *@let a = 'x@@b', c = 'd@e.f', g = '@h/i';", &[]),
        ("@{ var a = \"}\"; }\n@if (Model.A) { let a = '@await B.C()'; }", &["await B.C()"]),
        ("let a = `${{ b: 1 }.b}`;", &[]),
        ("f({a: {b: 1}})", &[]),
        ("class A { #b = 1; c() { return this.#b } }", &[]),
        ("let a = {{ b }}{{ c }};", &["{{ b }}{{ c }}"]),
        ("let a = \"{{ b }}-{{ c }}\";", &["b", "c"]),
        ("f({ login: {{ a }}, password: '{{ b }}' })", &["a", "b"]),
        ("<% a %>function b() {{ return c }}", &[]),
        ("<% a %>f(<A style={{color: b}}/>)", &[]),
        ("let a = {{ b", &[]),
        ("let a = <%= b", &[]),
        ("{% set a = 1 %}let b = `{{ a }}`;", &["a"]),
        ("let a = {{ b ? c : d }};", &["b ? c : d"]),
    ];
    for (script, expected) in cases {
        let text = format!("<p>é</p><script>{script}</script>");
        assert_eq!(holes(FileKind::Template, &text), expected, "{script}");
    }
}

#[test]
fn a_plain_page_has_holes_only_where_javascript_cannot_stand() {
    let cases: [(&str, &[&str]); 12] = [
        ("let a = {{ user.password }};", &["user.password"]),
        ("let a = '{{ a|date:\"Y\" }}', b = {{ url('x', y=1) }};", &["a|date:\"Y\"", "url('x', y=1)"]),
        ("let a = {{ .Token }};", &[".Token"]),
        ("{% if a %}let b = {{ c }};{% endif %}", &["c"]),
        ("function a() {{ return b }}", &[]),
        ("f(<A style={{color: b}}/>)", &[]),
        ("a = `${{b}}`", &[]),
        ("if (a) {{\n b() \n}}", &[]),
        ("if (a) {{ b() ; }}", &[]),
        ("let a = {{ b, c }};", &[]),
        ("let a = '<?= $b ?>', c = <%= d %>;", &["$b", "d"]),
        ("import a from '@json/b'; let c = '@Model.X';", &[]),
    ];
    for (script, expected) in cases {
        assert_eq!(holes(FileKind::Html, &format!("<script>{script}</script>")), expected, "{script}");
    }
    for kind in [FileKind::Vue, FileKind::Svelte, FileKind::Astro] {
        assert!(holes(kind, "<script>let a = '{{ b }}<%= c %>'</script><p>{{ d }}</p>").is_empty());
    }
}

#[test]
fn holes_hide_quotes_and_brackets_from_the_scanner() {
    let cases = [
        "<a title=\"<?= $x->y(\"z\") ?>\"><script>a</script>",
        "<a <% if b > c %>d<% end %>><script>a</script>",
        "<a @class(['b' => $c > 1]) {{ $d }}><script>a</script>",
        "<a href={{ b > c }}><script>a</script>",
        "{{ '<script>' }}<script>a</script>",
        "@model A\n@code { List<string> a = \"<script>\"; }<script>a</script>",
    ];
    for text in cases {
        assert_eq!(programs(FileKind::Template, text), ["Classic:a"], "{text}");
    }
}

#[test]
fn elements_that_matter_are_kept_with_their_values() {
    let cases: [(FileKind, &str, &[&str]); 24] = [
        (
            FileKind::Html,
            "<input id=user value='a &amp; b'><p class=x><input TYPE=PASSWORD>",
            &["input id=\"user\" value=\"a &amp; b\"", "input TYPE=\"PASSWORD\""],
        ),
        (FileKind::Html, "<my-phone login=\"a\" on></my-phone>", &["my-phone login=\"a\" on"]),
        (FileKind::Html, "<b x-data=\"{ a: 1 }\" x-on:click=\"call(a)\">", &["b x-data={ a: 1 } x-on:click=call(a)"]),
        (FileKind::Html, "<input id=a value='{{ b }}'>", &["input id=\"a\" value=hole(b)"]),
        (FileKind::Html, "<input id=a value='x-{{ b }}-{{ c }}'>", &["input id=\"a\" value=template(hole(b), hole(c))"]),
        (FileKind::Html, "<input id=a value='x{% if b %}y{% endif %}'>", &["input id=\"a\" value=\"xy\""]),
        (
            FileKind::Vue,
            "<Phone :login=\"user.name\" v-bind:password='pw' title=\"t\" />",
            &["Phone :login=user.name v-bind:password=pw title=\"t\""],
        ),
        (
            FileKind::Vue,
            "<Phone v-bind=\"props\" :login v-bind:to :on-end @end />",
            &["Phone v-bind=props :login=login v-bind:to=to :on-end @end"],
        ),
        (FileKind::Vue, "<p v-for=\"(a, i) in list(b)\" :key=a v-slot:[x]=\"{ y }\" #z=\"w\">", &["p v-for=list(b) :key=a v-slot:[x] #z"]),
        (FileKind::Vue, "<p @click=\"() => { call(a) }\" @x.once=\"a(); b()\">", &["p @click=() => { call(a) } @x.once"]),
        (FileKind::Vue, "<p v-else v-if=\"a > b\">", &["p v-else v-if=a > b"]),
        (FileKind::Vue, "<p class=\"a\"><ui.Phone/>", &["ui.Phone"]),
        (
            FileKind::Svelte,
            "<Phone {login} {...rest} password={pw} on:end={() => { a > b }} />",
            &["Phone login=login ...=rest password=pw on:end=() => { a > b }"],
        ),
        (
            FileKind::Svelte,
            "<a href={base}/login class=\"a {b ? \"x\" : 'y'}\" style=\"{c}\">",
            &["a href=template(base) class=template(b ? \"x\" : 'y') style=c"],
        ),
        (
            FileKind::Svelte,
            "<input bind:value bind:this={el} use:act {@attach f(x)}>",
            &["input bind:value=value bind:this=el use:act @attach=f(x)"],
        ),
        (FileKind::Svelte, "<p title={`}${a}`} {/* c */}>", &["p title=template(a) /* c */"]),
        (FileKind::Svelte, "<p title={a", &["p title=\"{a\""]),
        (
            FileKind::Astro,
            "<Phone client:load token={await mint(`a}`)} {...p} {q} label=`x${y}` />",
            &["Phone client:load token=await mint(`a}`) ...=p q=q label=template(y)"],
        ),
        (FileKind::Astro, "<script define:vars={{ a }}>b</script>", &["script define:vars={ a }"]),
        (FileKind::Template, "{{ $z }}<x-phone :token=\"$user->token\" name='a' />", &["x-phone :token=hole($user->token) name=\"a\""]),
        (FileKind::Template, "<b @click=\"call({{ $id }})\">", &["b @click=unknown(hole($id))"]),
        (FileKind::Template, "@model A\n<b @onclick=\"Dial\" id=\"@Model.Id\">", &["b @onclick=\"Dial\" id=hole(Model.Id)"]),
        (FileKind::Template, "<input type=password value=<%= b %>>", &["input type=\"password\" value=hole(b)"]),
        (FileKind::Html, "<b id=\"\"><i>x</i>", &[]),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(elements(kind, text), expected, "{text}");
    }
}

/// The two-way bindings of a text: what is assigned.
fn typed_in(module: &Module, text: &str) -> Vec<String> {
    let writes = module.elements.iter().flat_map(|element| &element.writes);
    writes
        .map(|write| match &module[*write].kind {
            ExprKind::Assign { target, value, .. } if matches!(module[*value].kind, ExprKind::TypedIn) => {
                text[module[*target].span.range()].to_owned()
            }
            other => panic!("{other:?}"),
        })
        .collect()
}

#[test]
fn two_way_bindings_are_assignments_of_what_a_person_types() {
    let cases: [(FileKind, &str, &[&str]); 10] = [
        (FileKind::Vue, "<input v-model='a.b'><Field v-model:title.trim='t' /><input :value='c'>", &["a.b", "t"]),
        (FileKind::Vue, "<input v-model='f()'><input v-model=''><input v-model>", &[]),
        (FileKind::Html, "<div x-data='{ a: 1 }'><input x-model='a'></div>", &["a"]),
        (FileKind::Html, "<input [(ngModel)]='pw' [value]='v' (input)='f(v)'>", &["pw"]),
        (FileKind::Html, "<form [formGroup]='form'><input formControlName='pin'></form>", &["pin", "pin"]),
        (FileKind::Svelte, "<input bind:value><input bind:value={a[0]} bind:this={el}><p bind:clientWidth={w}>", &["value", "a[0]"]),
        (FileKind::Svelte, "<input bind:value=\"{x}\" value={y}>", &["x"]),
        (FileKind::Astro, "<input bind:value={x} v-model='y'>", &[]),
        (FileKind::Template, "<input v-model=\"a\"><input value=\"{{ b }}\">", &["a"]),
        (FileKind::Template, "<input v-model=\"{{ b }}\">", &[]),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(typed_in(&lowered(kind, text), text), expected, "{text}");
    }
}

#[test]
fn component_tags_are_jsx_elements_with_the_names_of_props() {
    let cases: [(FileKind, &str, &str); 7] = [
        (FileKind::Vue, "<phone-panel :login-token='t' user-name='u' v-bind='all' />", "PhonePanel loginToken userName ..."),
        (
            FileKind::Vue,
            "<Phone v-model='a' v-model:title.trim='b' @call-end='c' v-on:x.once='d' :e.sync='f' />",
            "Phone modelValue title onCallEnd onX e",
        ),
        (FileKind::Vue, "<div :a='b'><my.Phone :c='d' /></div>", ""),
        (FileKind::Svelte, "<Phone {token} bind:pin={p} {...rest} />", "Phone token pin ..."),
        (FileKind::Svelte, "<ui.Phone a='b' /><Phone.Panel {c} />", "Phone.Panel c"),
        (FileKind::Astro, "<Phone client:load token={t} {...p} />", "Phone client:load token ..."),
        (FileKind::Html, "<Phone a='b' c-d='e'></Phone>", ""),
    ];
    for (kind, text, expected) in cases {
        let module = lowered(kind, text);
        let shown: Vec<String> = module
            .elements
            .iter()
            .filter_map(|element| match &module[element.component?].kind {
                ExprKind::Jsx(jsx) => Some(jsx),
                other => panic!("{other:?}"),
            })
            .map(|jsx| {
                let JsxTag::Component(tag) = jsx.tag else { panic!("{text}") };
                let tag = match &module[tag].kind {
                    ExprKind::Ident(name) => name.to_string(),
                    _ => text[module[tag].span.range()].to_owned(),
                };
                let names = jsx.attributes.iter().map(|attribute| match attribute {
                    JsxAttribute::Named { name, .. } => name.to_string(),
                    JsxAttribute::Spread(_) => "...".to_owned(),
                });
                std::iter::once(tag).chain(names).collect::<Vec<_>>().join(" ")
            })
            .collect();
        assert_eq!(shown.join(", "), expected, "{text}");
    }
}

#[test]
fn expressions_between_tags_are_programs() {
    let cases: [(FileKind, &str, &[&str]); 8] = [
        (FileKind::Vue, "<p>{{ mint(a) }} { b } {{ c ? '}' : d }}</p>", &["Inline:mint(a)", "Inline:c ? '}' : d"]),
        (FileKind::Vue, "<p>{{ a", &[]),
        (FileKind::Svelte, "<p>{a}{@html b}{#if c}{d}{:else}{e}{/if}{}</p>", &["Inline:a", "Inline:b", "Inline:d", "Inline:e"]),
        (FileKind::Svelte, "<p>{`<p>${a}`}{f({ b: '}' })}", &["Inline:a", "Inline:f({ b: '}' })"]),
        (FileKind::Astro, "<p>{a}{list.map((x) => <Phone token={x} />)}{a < b}</p>", &["Inline:a", "Inline:a < b"]),
        (FileKind::Astro, "<p>{a", &[]),
        (FileKind::Html, "<p>{{ a }}{b}</p>", &[]),
        (FileKind::Template, "<p>{{ a }}{b}</p>", &[]),
    ];
    for (kind, text, expected) in cases {
        assert_eq!(programs(kind, text), expected, "{text}");
    }
}

#[test]
fn templates_in_decorators_are_markup_of_the_class() {
    let text = "@Component({ template: `<p *ngIf=\"a\"><input [(ngModel)]=\"user.pin\"><b (click)=\"login(user.pin)\">ü</b>` })\nclass A {}\n@Component({ template: html + '<input [(ngModel)]=\"x\">' }) class B {}\n@Other({ template: '<input [(ngModel)]=\"y\">' }) class C {}";
    let module = crate::syntax::lower(FileKind::TypeScript, text);
    assert_eq!(typed_in(&module, text), ["user.pin"]);
    let calls = module.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Call { .. }));
    assert!(calls.map(|call| &text[call.span.range()]).any(|call| call == "login(user.pin)"));
}

/// One page for each engine, with a known call in each script.
const PAGES: [(FileKind, &str, usize); 8] = [
    (
        FileKind::Html,
        "<!doctype html><html><head>\n<script type='module'>\nimport { TelnyxRTC } from 'x';\nconst c = new TelnyxRTC({ login_token: '{{ token }}' });\ncall(c);\n</script></head>\n<body onload=\"call(ü)\"><!-- ü --><script>call(größe)</script></body></html>",
        3,
    ),
    (
        FileKind::Vue,
        "<template>\r\n  <p v-if=\"ü\" @click=\"call(a, b)\">{{ ü }}</p>\r\n</template>\r\n<script setup lang=\"ts\">\r\nconst ü: Foo = call<Foo>(x!)\r\n</script>\r\n<style>a > b {}</style>",
        2,
    ),
    (
        FileKind::Svelte,
        "<script lang=\"ts\">\n  let ü = $state<A>(call(b));\n</script>\n{#if ü}<P on:x={() => call(ü)} t=\"é {call(c)}\" />{/if}",
        3,
    ),
    (
        FileKind::Astro,
        "---\nconst ü = await call(Astro.props as P);\n---\n<P x={call(ü)}>{ü.map((a) => <Q a={a} />)}</P>\n<script>call(document)</script>",
        3,
    ),
    (
        FileKind::Template,
        "@extends('a')\n@section('b')\n<p>ü</p>\n<script>\n@foreach($a as $b)\n  call({{ $b->c }}, @json($d));\n@endforeach\n  const e = { f: '{{ $g }}' };\n</script>\n@endsection",
        1,
    ),
    (
        FileKind::Template,
        "<p>ü</p>\n<script>\n<% for (const a of b) { %>\n  call('<%= a.c %>', <%- JSON.stringify(d) %>);\n<% } %>\n</script>",
        1,
    ),
    (FileKind::Template, "<%= render 'ü' do |f| %>\n<script>\n  <%- if a? -%>\n  call(\"<%= b[:c] %>\");\n  <%- end -%>\n</script>", 1),
    (
        FileKind::Template,
        "{% extends 'a' %}{# ü #}\n<script>\n{% for a in b %}\n  call({{ a.c|tojson }}, \"{{ d('e') }}\");\n{% endfor %}\n</script>",
        1,
    ),
];

#[test]
fn whole_pages_of_every_engine_lose_no_call() {
    for (kind, text, calls) in PAGES {
        let module = lowered(kind, text);
        let is_call = |expr: &&crate::hir::Expr| match &expr.kind {
            ExprKind::Call { callee, .. } => matches!(&module[*callee].kind, ExprKind::Ident(name) if &**name == "call"),
            _ => false,
        };
        assert_eq!(module.exprs.iter().filter(is_call).count(), calls, "{text}");
        assert!(module.problems.is_empty(), "{:?} in {text}", module.problems);
    }
}

#[test]
fn every_prefix_of_a_page_lowers() {
    for (kind, text, _) in PAGES {
        for (end, _) in text.char_indices() {
            lowered(kind, &text[..end]);
        }
    }
}

#[test]
fn a_statement_hole_keeps_the_statements_around_it() {
    let module = lowered(FileKind::Template, "<script>\n@if($a)\nlet b = 1;\n@else\nlet b = 2;\n@endif\nlet c = {{ $d }};\n</script>");
    let declared = module.programs[0].body.iter().filter(|stmt| matches!(module[**stmt].kind, StmtKind::Declare { .. })).count();
    assert_eq!((declared, module.problems.len()), (3, 0));
}

#[test]
fn hostile_markup_costs_linear_time() {
    let units = [
        "<",
        "<a",
        "<a ",
        "<a b=\"",
        "<a b='",
        "<!--",
        "<![CDATA[",
        "</",
        "<?",
        "<?php ",
        "<%",
        "{{",
        "{{{",
        "{{ ",
        "{%",
        "{% raw %}",
        "{#",
        "{!!",
        "@if(",
        "@if('",
        "@json(",
        "@php ",
        "@code ",
        "@section ",
        "@(",
        "@{",
        "@*",
        "<a b={",
        "<a {",
        "<a b=\"{",
        "<a b={'",
        "<textarea>",
        "<a @b=\"",
        "{{a}}",
        "@{{",
        "---",
        "<a b={`${",
        "<div><",
        "<p id=a>",
        "\"",
        "<%=a%>",
        "<a b=<%=c%>",
        "<title>",
        "{% comment %}",
        "{{ $",
    ];
    for unit in units {
        for kind in MARKUP {
            let prefix = if kind == FileKind::Template { "@model A\n{% a %}" } else { "" };
            let text = prefix.to_owned() + &unit.repeat(100_000 / unit.len());
            let start = Instant::now();
            lowered(kind, &text);
            assert!(start.elapsed() < Duration::from_secs(20), "{kind:?} {unit:?}: {:?}", start.elapsed());
        }
    }
}

/// Runs over real files: every folder in `AUTHLINT_TREES` (separated as in `PATH`). Skipped when that is unset; the report goes
/// to the folder for temporary files.
#[test]
fn real_trees_lower_with_exact_spans() {
    let Some(trees) = std::env::var_os("AUTHLINT_TREES") else { return };
    let (mut files, mut bytes, mut programs, mut problems, mut elements) = (0usize, 0usize, 0usize, Vec::new(), 0usize);
    let mut slowest = (Duration::ZERO, String::new());
    let all = Instant::now();
    for entry in std::env::split_paths(&trees).flat_map(walkdir::WalkDir::new).flatten() {
        let kind = FileKind::of(entry.path());
        let markup = MARKUP.contains(&kind);
        if !entry.file_type().is_file() || !(markup || matches!(kind, FileKind::Json | FileKind::Dotenv)) {
            continue;
        }
        let crate::syntax::decode::Decoded::Text { text, .. } =
            crate::syntax::decode::decode(&std::fs::read(entry.path()).unwrap_or_default())
        else {
            continue;
        };
        let start = Instant::now();
        let module = match kind {
            FileKind::Json => crate::syntax::lower::json::lower(&text),
            FileKind::Dotenv => crate::syntax::lower::dotenv::lower(&text),
            _ => lowered(kind, &text),
        };
        slowest = slowest.max((start.elapsed(), entry.path().display().to_string()));
        files += 1;
        bytes += text.len();
        programs += module.programs.len();
        elements += module.elements.len();
        problems.extend(module.problems.iter().map(|problem| {
            let span = problem.span.range();
            let shown: String = text.get(span.start..).unwrap_or("").chars().take(60).collect();
            format!("{}:{} {:?} {shown:?}", entry.path().display(), text[..span.start].lines().count(), problem.kind)
        }));
    }
    let report = format!(
        "{files} files, {bytes} bytes, {programs} programs, {elements} elements, {} problems in {:?}; slowest {slowest:?}\n",
        problems.len(),
        all.elapsed()
    );
    std::fs::write(std::env::temp_dir().join("authlint-markup-report.txt"), report + &problems.join("\n")).expect("the report is written");
}
