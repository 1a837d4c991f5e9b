//! Small servers of every framework, and the routes that they have.

use std::fs;

use crate::analysis::auth::Builder;

/// The routes of a project of some files: method, paths, and what messages call it.
fn routes(files: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    crate::session::run(folder.path(), &[], &crate::config::ConfigRequest::default(), |mut session| {
        session.parse_anchored(false);
        let builder = Builder::new(&session.workspace);
        let mut lines: Vec<String> = builder
            .all_routes()
            .iter()
            .map(|route| {
                let method = route.method.map_or("ANY", |method| method.as_str());
                let paths: Vec<String> = route.paths.iter().map(ToString::to_string).collect();
                format!("{method} {}", paths.join(" ")).trim_end().to_owned()
            })
            .collect();
        lines.sort();
        Ok(lines)
    })
    .unwrap()
}

/// What every handler does.
const MINT: &str = "await fetch(`https://api.telnyx.com/v2/telephony_credentials/${process.env.CREDENTIAL_ID}/token`, { method: 'POST' })";

fn assert_routes(what: &str, files: &[(&str, &str)], expected: &[&str]) {
    let filled: Vec<(&str, String)> = files.iter().map(|(path, text)| (*path, text.replace("MINT", MINT))).collect();
    let files: Vec<(&str, &str)> = filled.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(routes(&files), expected, "{what}");
}

#[test]
fn routers_are_served_under_the_prefixes_of_their_mounts() {
    assert_routes(
        "Express, mounted twice",
        &[
            (
                "server.js",
                "const express = require('express'); const voice = require('./voice'); const app = express();
                const api = express.Router(); api.use('/voice', voice); app.use('/api', api); app.use('/v2', api); app.listen(1)",
            ),
            (
                "voice.js",
                "const router = require('express').Router();
                router.post('/token/:id', async (req, res) => { res.json(MINT) });
                router.route('/other').get(async (req, res) => res.json(1)).post(async (req, res) => res.json(MINT));
                module.exports = router",
            ),
        ],
        &[
            "GET /api/voice/other /v2/voice/other",
            "POST /api/voice/other /v2/voice/other",
            "POST /api/voice/token/[id] /v2/voice/token/[id]",
        ],
    );
    assert_routes(
        "Fastify",
        &[
            (
                "server.ts",
                "import Fastify from 'fastify'; import voice from './voice'; const app = Fastify(); app.register(voice, { prefix: '/voice' })",
            ),
            (
                "voice.ts",
                "export default async function (app) { app.post('/token', async () => MINT);
                app.route({ method: 'GET', url: '/state', handler: async () => 1 }) }",
            ),
        ],
        &["GET /voice/state", "POST /voice/token"],
    );
    assert_routes(
        "Hono",
        &[(
            "src/index.ts",
            "import { Hono } from 'hono'; const voice = new Hono().get('/x', (c) => c.text('')).post('/token', async (c) => c.json(MINT));
            const app = new Hono().basePath('/api'); app.route('/voice', voice); export default app",
        )],
        &["GET /api/voice/x", "POST /api/voice/token"],
    );
    assert_routes(
        "Koa",
        &[(
            "server.js",
            "import Koa from 'koa'; import Router from '@koa/router'; const app = new Koa(); const inner = new Router();
            const router = new Router({ prefix: '/api' }); inner.post('/token', async (ctx) => { ctx.body = MINT });
            router.use('/voice', inner.routes()); app.use(router.routes()); app.listen(1)",
        )],
        &["POST /api/voice/token"],
    );
    assert_routes(
        "Nest",
        &[
            (
                "src/main.ts",
                "import { NestFactory } from '@nestjs/core'; const app = await NestFactory.create(M); app.setGlobalPrefix('api')",
            ),
            (
                "src/voice/voice.controller.ts",
                "import { Controller, Post, Get } from '@nestjs/common'; @Controller('voice') export class VoiceController {
                @Post('token/:id') async token() { return MINT } @Get() list() { return 1 } }",
            ),
        ],
        &["GET /api/voice", "POST /api/voice/token/[id]"],
    );
}

#[test]
fn files_are_served_where_they_stand() {
    assert_routes(
        "Remix",
        &[
            ("package.json", r#"{ "dependencies": { "@remix-run/react": "2", "@remix-run/node": "2" } }"#),
            (
                "app/routes/api.token.$id.tsx",
                "export async function loader() { return 1 } export async function action() { return MINT } export default function Page() {}",
            ),
        ],
        &["ANY /api/token/[id]", "GET /api/token/[id]"],
    );
    assert_routes(
        "React Router's table",
        &[
            ("package.json", r#"{ "dependencies": { "@react-router/dev": "7" } }"#),
            (
                "app/routes.ts",
                "import { prefix, route } from '@react-router/dev/routes'; export default [...prefix('api', [route('token', 'routes/mint.ts')])]",
            ),
            ("app/routes/mint.ts", "export async function action() { return MINT }"),
        ],
        &["ANY /api/token"],
    );
    assert_routes(
        "Netlify",
        &[
            ("netlify.toml", "[[redirects]]\nfrom = \"/api/*\"\nto = \"/.netlify/functions/:splat\"\nstatus = 200\n"),
            ("netlify/functions/token.ts", "export default async () => new Response(MINT); export const config = { path: '/voice/token' }"),
        ],
        &["ANY /.netlify/functions/token /voice/token /api/token"],
    );
    assert_routes(
        "Nuxt",
        &[
            ("package.json", r#"{ "dependencies": { "nuxt": "3" } }"#),
            ("server/api/token.post.ts", "export default defineEventHandler(async () => MINT)"),
        ],
        &["POST /api/token"],
    );
    assert_routes(
        "Lambda's list",
        &[
            ("serverless.yml", "functions:\n  token:\n    handler: src/token.main\n    events:\n      - httpApi: 'POST /token'\n"),
            ("src/token.ts", "export const main = async () => ({ body: MINT })"),
        ],
        &["POST /token"],
    );
}

#[test]
fn functions_have_the_names_that_clients_call() {
    assert_routes(
        "Firebase",
        &[
            ("firebase.json", r#"{ "hosting": { "rewrites": [{ "source": "/api/token", "function": "token" }] } }"#),
            (
                "functions/src/index.ts",
                "import { onCall, onRequest } from 'firebase-functions/v2/https'; export const mint = onCall(async (request) => MINT);
                export const token = onRequest({ cors: true }, async (req, res) => { res.json(MINT) })",
            ),
        ],
        &["ANY mint /mint", "ANY token /token /api/token"],
    );
    assert_routes(
        "Convex",
        &[
            ("convex/voice/tokens.ts", "import { action, internalAction } from '../_generated/server'; export const mint = action({ args: {}, handler: async (ctx) => MINT });
              export const hidden = internalAction({ handler: async () => MINT })"),
            (
                "convex/http.ts",
                "import { httpRouter } from 'convex/server'; import { httpAction } from './_generated/server'; const http = httpRouter();
                http.route({ path: '/token', method: 'POST', handler: httpAction(async () => new Response(MINT)) }); export default http",
            ),
        ],
        &["ANY voice.tokens.mint", "POST /token"],
    );
    assert_routes(
        "tRPC",
        &[
            (
                "src/voice.ts",
                "import { publicProcedure, router } from './trpc'; export const voiceRouter = router({ mint: publicProcedure.mutation(async () => MINT) })",
            ),
            (
                "src/app.ts",
                "import { router } from './trpc'; import { voiceRouter } from './voice'; export const appRouter = router({ voice: voiceRouter })",
            ),
            (
                "src/trpc.ts",
                "import { initTRPC } from '@trpc/server'; const t = initTRPC.create(); export const router = t.router; export const publicProcedure = t.procedure",
            ),
        ],
        &["ANY voice.mint"],
    );
}

#[test]
fn a_server_that_looks_at_the_url_itself_has_the_paths_that_it_compares_with() {
    assert_routes(
        "Cloudflare worker",
        &[(
            "src/index.ts",
            "export default { async fetch(request, env) { const url = new URL(request.url);
            if (url.pathname === '/api/token') return new Response(MINT); if (url.pathname.startsWith('/files/')) return x;
            return new Response(null, { status: 404 }) } }",
        )],
        &["ANY /api/token /files/*"],
    );
    assert_routes(
        "a worker that looks at nothing",
        &[("src/index.ts", "export default { async fetch(request) { return new Response(MINT) } }")],
        &["ANY …"],
    );
}
