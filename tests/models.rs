//! What configurations add to the models: a vendor that is off by default, a team's own wrapper, guard, endpoint and service. No line of
//! code knows any of the names here.

mod harness;

use std::collections::BTreeMap;
use std::path::Path;

use authlint::finding::Outcome;
use authlint::{CheckError, CheckRequest};
use harness::{Files, Project, TestResult, files};

/// A project of some texts.
fn project(texts: &[(&str, &str)]) -> TestResult<Project> {
    Project::new(&texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect())
}

fn check(project: &Project) -> Result<Outcome, CheckError> {
    authlint::check(&CheckRequest { root: project.root().to_path_buf(), ..CheckRequest::default() })
}

/// `path:line rule` for each finding, sorted.
fn found(outcome: &Outcome) -> Vec<String> {
    let mut lines: Vec<String> = outcome
        .findings
        .iter()
        .map(|finding| {
            let file = outcome.sources.get(finding.primary.file);
            let place = file.map(|file| format!("{}:{}", file.path, file.line_of(finding.primary.span.start)));
            format!("{} {}", place.unwrap_or_default(), finding.rule)
        })
        .collect();
    lines.sort();
    lines
}

fn two_vendors() -> TestResult<Files> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/two-vendors"))
}

#[test]
fn a_vendor_that_is_off_gives_nothing_and_changes_nothing() -> TestResult {
    let on = check(&Project::new(&two_vendors()?)?)?;
    let mut files = two_vendors()?;
    files.remove("authlint.toml");
    let off = check(&Project::new(&files)?)?;
    assert!(found(&off).iter().all(|line| line.starts_with("apps/support/")), "{:#?}", found(&off));
    let of_support = |outcome: &Outcome| {
        let named = |finding: &&authlint::finding::Finding| {
            outcome.sources.get(finding.primary.file).is_some_and(|file| file.path.starts_with("apps/support/"))
        };
        outcome.findings.iter().filter(named).map(|finding| (finding.message.clone(), finding.help.clone())).collect::<Vec<_>>()
    };
    assert_eq!(of_support(&on), of_support(&off), "what is said of one vendor's client does not depend on another's");
    Ok(())
}

#[test]
fn every_rule_that_carries_over_speaks_of_the_vendors_own_things() -> TestResult {
    let outcome = check(&Project::new(&two_vendors()?)?)?;
    let mut rules = Vec::new();
    for finding in &outcome.findings {
        let path = outcome.sources.get(finding.primary.file).map(|file| file.path.to_string()).unwrap_or_default();
        if !path.starts_with("apps/agents/") {
            continue;
        }
        rules.push(finding.rule);
        let said = format!("{} {} {}", finding.message, finding.primary_label, finding.help);
        for foreign in ["elnyx", "34001", "login_token", "disconnect()", "creds", "login token"] {
            assert!(!said.contains(foreign), "{} names {foreign}: {said}", finding.rule);
        }
    }
    rules.sort_unstable();
    rules.dedup();
    let expected =
        ["broken-token-refresh", "hardcoded-secret", "missing-token-refresh", "secret-in-log", "stored-credential", "undisposed-client"];
    assert_eq!(rules, expected);
    let missing = outcome.findings.iter().find(|finding| finding.help.contains("updateToken"));
    assert!(missing.is_some(), "the advice names the vendor's method");
    Ok(())
}

const PAGE: &str = "<script type=\"module\" src=\"/src/main.ts\"></script>";
const MAIN: &str = "import { createPhone } from '@acme/phone'

const jwt = await (await fetch('/api/phone')).text()
const phone = createPhone({ jwt })
phone.call('+15550100')
";

#[test]
fn a_team_adds_its_wrapper_in_five_lines() -> TestResult {
    let model = "[[model]]\nkind = \"client\"\ncall = \"createPhone\"\nfrom = \"@acme/phone\"\ntoken = [\"jwt\"]\n";
    let without = project(&[("index.html", PAGE), ("src/main.ts", MAIN), ("package.json", "{}")])?;
    assert_eq!(found(&check(&without)?), Vec::<String>::new());
    let with = project(&[("index.html", PAGE), ("src/main.ts", MAIN), ("package.json", "{}"), ("authlint.toml", model)])?;
    assert_eq!(found(&check(&with)?), ["src/main.ts:4 missing-token-refresh"]);
    // The same in a file of its own, as a package of the same repository, as a file of the project, and with each further form.
    let named = project(&[
        ("index.html", PAGE),
        ("src/main.ts", MAIN),
        ("authlint.toml", "models = [\"models/phone.toml\"]"),
        ("models/phone.toml", model),
    ])?;
    assert_eq!(found(&check(&named)?), ["src/main.ts:4 missing-token-refresh"]);
    let wrapper = "import { TelnyxRTC } from '@telnyx/webrtc'
export function createPhone(options: { jwt: string }) {
  const client = new TelnyxRTC({ login_token: options.jwt })
  client.connect()
  return client
}
";
    let local = project(&[
        ("index.html", PAGE),
        ("src/main.ts", &MAIN.replace("@acme/phone", "./lib/phone")),
        ("src/lib/phone.ts", wrapper),
        ("authlint.toml", &model.replace("@acme/phone", "./src/lib/phone")),
    ])?;
    assert_eq!(found(&check(&local)?), ["src/main.ts:4 missing-token-refresh"], "the wrapper is judged where it is used, and once");
    Ok(())
}

#[test]
fn a_wrapper_refreshes_by_its_own_methods() -> TestResult {
    let model = "[[model]]\nkind = \"client\"\nclass = \"AcmePhone\"\nfrom = \"@acme/phone\"\ntoken-argument = 0\nlisten = [\"subscribe\"]\n\
                 warning-event = \"expiring\"\nlogin = \"useToken\"\ndispose = [\"stop\"]\n";
    let program = |handler: &str| {
        format!(
            "import {{ AcmePhone }} from '@acme/phone'\nconst fresh = async () => (await fetch('/api/phone')).text()\n\
             const phone = new AcmePhone(await fresh())\nphone.subscribe('expiring', {handler})\n"
        )
    };
    for (handler, expected) in [
        ("async () => phone.useToken(await fresh())", vec![]),
        ("() => console.warn('soon')", vec!["src/main.ts:4 broken-token-refresh"]),
        ("async () => { await fresh() }", vec!["src/main.ts:4 broken-token-refresh"]),
    ] {
        let project = project(&[("index.html", PAGE), ("src/main.ts", &program(handler)), ("authlint.toml", model)])?;
        let outcome = check(&project)?;
        assert_eq!(found(&outcome), expected, "{handler}");
        for finding in &outcome.findings {
            assert!(
                finding.help.contains("client.subscribe('expiring', async () => client.useToken(await fetchToken()))"),
                "{}",
                finding.help
            );
        }
    }
    Ok(())
}

#[test]
fn passwords_of_a_wrapper_and_its_public_variables_are_known() -> TestResult {
    let model = "[[model]]\nkind = \"client\"\ncomponent = \"Phone\"\nfrom = \"@acme/phone\"\nproperty = \"account\"\nuser = [\"name\"]\n\
                 password = [\"pin\"]\n[[model]]\nkind = \"public-env\"\nprefix = \"ACME_SHIPPED_\"\nbundler = \"the Acme preset\"\n";
    let program = "import { Phone } from '@acme/phone'\n\
                   export const App = () => <Phone account={{ name: 'desk', pin: process.env.ACME_SHIPPED_TELNYX_SIP_PASSWORD }} />\n";
    let project = project(&[
        ("index.html", &PAGE.replace("main.ts", "main.tsx")),
        ("src/main.tsx", program),
        (".env", "ACME_SHIPPED_TELNYX_SIP_PASSWORD={{fake:password:1}}\nACME_SHIPPED_TELNYX_API_KEY={{fake:api-key:1}}\n"),
        ("authlint.toml", model),
    ])?;
    let outcome = check(&project)?;
    let said = |rule: &str| outcome.findings.iter().find(|finding| finding.rule == rule).map_or("", |finding| finding.message.as_str());
    assert!(said("password-login").contains("built into the bundle from `ACME_SHIPPED_TELNYX_SIP_PASSWORD`"), "{:?}", found(&outcome));
    assert!(said("secret-in-public-env").contains("the Acme preset"), "{:?}", found(&outcome));
    Ok(())
}

#[test]
fn a_guard_is_one_because_the_team_says_so() -> TestResult {
    let server = "import express from 'express'
import { gate } from './gate.js'
const app = express()
app.post('/token', gate, async (request, response) => {
  const minted = await fetch(`https://api.telnyx.com/v2/telephony_credentials/${request.body.id}/token`, { method: 'POST' })
  response.send(await minted.text())
})
app.listen(3000)
";
    let gate = "export function gate(request, response, next) { globalThis.acmeGate(request, next) }\n";
    let files = |config: &str| {
        project(&[
            ("package.json", "{\"type\": \"module\", \"dependencies\": {\"express\": \"^4.0.0\"}}"),
            ("server.js", server),
            ("gate.js", gate),
            ("authlint.toml", config),
        ])
    };
    let unguarded = "unauthenticated-token-endpoint".to_owned();
    let has = |outcome: &Outcome| outcome.findings.iter().any(|finding| finding.rule == unguarded);
    assert!(has(&check(&files("")?)?));
    assert!(!has(&check(&files("[[model]]\nkind = \"guard\"\nname = \"gate\"\n")?)?));
    assert!(has(&check(&files("[[model]]\nkind = \"guard\"\nname = \"otherGate\"\n")?)?));
    Ok(())
}

#[test]
fn an_endpoint_and_a_service_of_another_team_are_known() -> TestResult {
    let page = "export async function open() {
  const answer = await (await fetch('/internal/phone/7/token')).json()
  localStorage.setItem('phone', answer.token)
}
open()
";
    let endpoint = "[[model]]\nkind = \"token-endpoint\"\nurl = \"/internal/phone/{}/token\"\ngives = \"token\"\n";
    let files = |config: &str| project(&[("index.html", PAGE), ("src/main.ts", page), ("authlint.toml", config)]);
    assert_eq!(found(&check(&files("")?)?), Vec::<String>::new());
    assert_eq!(found(&check(&files(endpoint)?)?), ["src/main.ts:3 stored-credential"]);

    let server = "import { mintPhoneToken } from '@acme/telephony'
import express from 'express'
const app = express()
app.post('/token', async (request, response) => response.send(await mintPhoneToken('0192aa55-0000-4000-8000-1234567890ab')))
app.listen(3000)
";
    let service = "[[model]]\nkind = \"service\"\ncall = \"mintPhoneToken\"\nfrom = \"@acme/telephony\"\ndoes = \"mint\"\n";
    let files = |config: &str| {
        let manifest = "{\"type\": \"module\", \"dependencies\": {\"express\": \"^4.0.0\"}}";
        project(&[("package.json", manifest), ("server.js", server), ("authlint.toml", config)])
    };
    assert_eq!(found(&check(&files("")?)?), Vec::<String>::new());
    let lines = found(&check(&files(service)?)?);
    assert!(lines.contains(&"server.js:4 unauthenticated-token-endpoint".to_owned()), "{lines:?}");
    assert!(lines.contains(&"server.js:4 shared-credential".to_owned()), "{lines:?}");
    Ok(())
}

#[test]
fn a_vendor_can_stand_in_a_file_of_the_project() -> TestResult {
    let vendor = include_str!("../rules/models/twilio.toml").replace("\"twilio\"", "\"acme\"").replace("@twilio/voice-sdk", "@acme/voice");
    let program = "import { Device } from '@acme/voice'\nconst device = new Device(await (await fetch('/t')).text())\ndevice.register()\n";
    let project =
        project(&[("index.html", PAGE), ("src/main.ts", program), ("authlint.toml", "models = [\"acme.toml\"]"), ("acme.toml", &vendor)])?;
    assert_eq!(found(&check(&project)?), ["src/main.ts:2 missing-token-refresh"]);
    Ok(())
}

/// What a wrong configuration is told: the message, the text that is pointed at, and the advice.
fn mistake(config: &str, more: &[(&str, &str)]) -> TestResult<(String, String, String)> {
    use miette::Diagnostic as _;

    let mut texts = vec![("authlint.toml", config)];
    texts.extend_from_slice(more);
    let files: BTreeMap<String, Vec<u8>> = texts.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let Err(error) = check(&Project::new(&files)?) else { return Err(format!("accepted: {config}").into()) };
    assert!(error.is_usage(), "the exit code is 2: {error}");
    let source = error.source_code().ok_or("no text")?;
    let span = error.labels().and_then(|mut labels| labels.next()).ok_or("no place")?;
    let pointed = source.read_span(span.inner(), 0, 0).map_err(|error| format!("{error:?}"))?;
    let pointed = std::str::from_utf8(pointed.data())?.to_owned();
    Ok((error.to_string(), pointed, error.help().map(|help| help.to_string()).unwrap_or_default()))
}

#[test]
fn mistakes_in_models_show_the_place_and_what_was_meant() -> TestResult {
    let client = "[[model]]\nkind = \"client\"\ncall = \"createPhone\"\nfrom = \"@acme/phone\"\n";
    for (config, message, pointed, help) in [
        (format!("{client}tokens = [\"jwt\"]\n"), "there is no key `tokens` here", "tokens", "did you mean `token`?"),
        (format!("{client}user = \"name\"\n"), "invalid type", "\"name\"", ""),
        (client.to_owned(), "this client logs in with nothing", "\"@acme/phone\"", "say where its login is"),
        (format!("{client}class = \"Phone\"\ntoken = [\"jwt\"]\n"), "a client is made in one way", "\"@acme/phone\"", "give one of"),
        (client.replace("\"client\"", "\"clinet\""), "there is no kind of model `clinet`", "\"clinet\"", "did you mean `client`?"),
        ("[[model]]\nname = \"x\"\n".to_owned(), "the model has no `kind`", "", "`kind` is one of"),
        (
            "[[model]]\nkind = \"token-endpoint\"\nurl = \"/voice/token\"\ngives = \"tokn\"\n".to_owned(),
            "unknown variant `tokn`",
            "\"tokn\"",
            "did you mean `token`?",
        ),
        (
            "[[model]]\nkind = \"token-endpoint\"\nurl = \"/{}\"\ngives = \"token\"\n".to_owned(),
            "could be any URL",
            "\"/{}\"",
            "write more",
        ),
        ("vendors = [\"twillio\"]".to_owned(), "there is no vendor `twillio`", "\"twillio\"", "did you mean `twilio`?"),
        ("models = [\"none.toml\"]".to_owned(), "cannot read the model none.toml", "\"none.toml\"", ""),
    ] {
        let (said, place, advice) = mistake(&config, &[])?;
        assert!(said.contains(message) && place.contains(pointed) && advice.contains(help), "{config}\n{said} | {place} | {advice}");
    }
    // In a file of its own.
    let (said, place, advice) = mistake("models = [\"m.toml\"]", &[("m.toml", &format!("{client}tokn = [\"jwt\"]\n"))])?;
    assert!(said.contains("tokn") && place.contains("tokn") && advice.contains("`token`"), "{said} | {place} | {advice}");
    let (said, ..) = mistake("models = [\"m.toml\"]", &[("m.toml", "select = []\n")])?;
    assert!(said.contains("there is no key `select` here"), "{said}");
    let (said, _, advice) = mistake("models = [\"m.toml\"]", &[("m.toml", "[vendor]\nid = \"x\"\nonn = true\n")])?;
    assert!(said.contains("onn") && advice.contains("`on`"), "{said} | {advice}");
    Ok(())
}
