//! A real Chromium, driven over `WebDriver` (W3C), with a virtual authenticator.

use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

/// A Chromium with a virtual authenticator, driven over `WebDriver`.
pub struct Chromium {
    driver: Child,
    session: String,
    authenticator: String,
}

fn start_driver() -> std::io::Result<Child> {
    Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn()
}

fn port_of(driver: &mut Child) -> Option<u16> {
    let lines = BufReader::new(driver.stdout.take().unwrap()).lines();
    lines.map_while(Result::ok).find_map(|line| {
        let (_, rest) = line.split_once("successfully on port ")?;
        rest.trim_end_matches('.').parse().ok()
    })
}

impl Chromium {
    /// Starts one; nothing where there is none, which it says aloud.
    pub fn start() -> Option<Self> {
        let Ok(mut driver) = start_driver() else {
            eprintln!("SKIPPED: there is no chromedriver here. What needs a real browser was NOT tried.");
            eprintln!("         On Debian: apt-get install chromium chromium-driver");
            return None;
        };
        let mut port = port_of(&mut driver);
        if port.is_none() {
            // Another one took the port that it was about to take.
            let _ = driver.wait();
            driver = start_driver().unwrap();
            port = port_of(&mut driver);
        }
        let mut chromium = Self {
            driver,
            session: format!("http://127.0.0.1:{}", port.unwrap()),
            authenticator: String::new(),
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ];
        let wanted = json!({ "alwaysMatch": { "goog:chromeOptions": { "args": arguments } } });
        let made = chromium.ask("/session", &json!({ "capabilities": wanted }));
        chromium.session = format!("{}/session/{}", chromium.session, made["sessionId"].as_str().unwrap());
        let authenticator = json!({
            "protocol": "ctap2", "transport": "internal", "hasResidentKey": true, "hasUserVerification": true,
            "isUserVerified": true, "isUserConsenting": true
        });
        let added = chromium.ask("/webauthn/authenticator", &authenticator);
        added.as_str().unwrap().clone_into(&mut chromium.authenticator);
        Some(chromium)
    }

    /// Opens a page.
    pub fn open(&self, url: &str) {
        self.ask("/url", &json!({ "url": url }));
    }

    /// Lets the authenticator know its owner, or not.
    pub fn knows_its_owner(&self, knows: bool) {
        self.ask(
            &format!("/webauthn/authenticator/{}/uv", self.authenticator),
            &json!({ "isUserVerified": knows }),
        );
    }

    /// `navigator.credentials.create`; what `toJSON` gives, or the error's name.
    pub fn create(&self, options: &Value) -> Result<Value, String> {
        self.credential("create", "parseCreationOptionsFromJSON", options)
    }

    /// `navigator.credentials.get`.
    pub fn get(&self, options: &Value) -> Result<Value, String> {
        self.credential("get", "parseRequestOptionsFromJSON", options)
    }

    fn credential(&self, verb: &str, parse: &str, options: &Value) -> Result<Value, String> {
        let script = format!(
            "const [options, done] = arguments;
             navigator.credentials.{verb}({{ publicKey: PublicKeyCredential.{parse}(options) }})
               .then((made) => done({{ made: made.toJSON() }}), (error) => done({{ error: error.name }}));"
        );
        let got = self.ask("/execute/async", &json!({ "script": script, "args": [options] }));
        match got["error"].as_str() {
            Some(error) => Err(error.to_owned()),
            None => Ok(got["made"].clone()),
        }
    }

    /// The page's address.
    pub fn address(&self) -> String {
        self.read("/url").as_str().unwrap().to_owned()
    }

    /// Takes a screen of this size, in pixels of CSS, for light or dark.
    pub fn shows(&self, width: u32, height: u32, scheme: &str) {
        let metrics =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.devtools("Emulation.setDeviceMetricsOverride", &metrics);
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.devtools("Emulation.setEmulatedMedia", &media);
    }

    /// Lets pages run scripts, or not.
    pub fn runs_scripts(&self, runs: bool) {
        self.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": !runs }));
    }

    /// Asks Chromium itself, past `WebDriver`.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.ask("/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Calls from an address of its own: wrong tries are counted by network.
    pub fn calls_from(&self, address: &str) {
        self.devtools("Network.enable", &json!({}));
        self.devtools("Network.setExtraHTTPHeaders", &json!({ "headers": { "cf-connecting-ip": address } }));
    }

    /// Forgets every cookie.
    pub fn forget(&self) {
        self.devtools("Network.clearBrowserCookies", &json!({}));
    }

    /// Runs a script in the page, whether or not the page may run its own; what it returns.
    pub fn run(&self, script: &str, arguments: &Value) -> Value {
        self.ask("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// The same for a script that calls its last argument when it is done.
    pub fn run_to_end(&self, script: &str, arguments: &Value) -> Value {
        self.ask("/execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// The same; nothing while the page gives way to another one.
    pub fn try_run_to_end(&self, script: &str, arguments: &Value) -> Option<Value> {
        let body = json!({ "script": script, "args": arguments });
        let got =
            crate::http::Call::new("POST", format!("{}/execute/async", self.session)).json(&body).send();
        (got.status == 200).then(|| got.json()["value"].clone())
    }

    /// What the page says; nothing while it gives way to another one.
    pub fn says(&self) -> String {
        let script = "arguments[0](document.body ? document.body.innerText : '')";
        self.try_run_to_end(script, &json!([]))
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }

    /// The element of a selector.
    fn element(&self, selector: &str) -> Option<String> {
        let asked = json!({ "using": "css selector", "value": selector });
        let got = crate::http::Call::new("POST", format!("{}/element", self.session)).json(&asked).send();
        let value = got.json()["value"].clone();
        value.as_object()?.values().next()?.as_str().filter(|_| got.status == 200).map(str::to_owned)
    }

    /// Whether there is such an element.
    pub fn has(&self, selector: &str) -> bool {
        self.element(selector).is_some()
    }

    fn at(&self, selector: &str) -> String {
        let shown = || self.text("body");
        self.element(selector).unwrap_or_else(|| panic!("{}: no {selector} in: {}", self.address(), shown()))
    }

    /// What an element says. A page that is drawn anew takes the element away between being found and being read: it is
    /// found again.
    pub fn text(&self, selector: &str) -> String {
        crate::wait::eventually(&format!("{selector} is read"), || {
            let url = format!("{}/element/{}/text", self.session, self.element(selector)?);
            let got = crate::http::Call::new("GET", url).send();
            (got.status == 200).then(|| got.json()["value"].as_str().unwrap().to_owned())
        })
    }

    /// Taps an element, as a finger would.
    pub fn tap(&self, selector: &str) {
        crate::wait::eventually(&format!("{selector} is tapped"), || {
            // The bar at the bottom covers what a browser scrolls to its edge.
            let script = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' })";
            self.run(script, &json!([selector]));
            let url = format!("{}/element/{}/click", self.session, self.element(selector)?);
            let got = crate::http::Call::new("POST", url).json(&json!({})).send();
            (got.status == 200).then_some(())
        });
    }

    /// Types into a field, in place of what is there.
    pub fn fill(&self, selector: &str, text: &str) {
        let element = self.at(selector);
        self.ask(&format!("/element/{element}/clear"), &json!({}));
        self.ask(&format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Chooses a file in a field for one.
    pub fn choose(&self, selector: &str, file: &std::path::Path) {
        let element = self.at(selector);
        self.ask(&format!("/element/{element}/value"), &json!({ "text": file.to_str().unwrap() }));
    }

    /// The page as it prints, PDF, on paper of this size in inches.
    pub fn printed(&self, (width, height): (f64, f64)) -> Vec<u8> {
        use base64::Engine;
        let paper = json!({ "paperWidth": width, "paperHeight": height, "preferCSSPageSize": false, "printBackground": false });
        let got = self.devtools("Page.printToPDF", &paper);
        base64::engine::general_purpose::STANDARD.decode(got["data"].as_str().unwrap()).unwrap()
    }

    /// Loads the page anew.
    pub fn reload(&self) {
        self.ask("/refresh", &json!({}));
    }

    /// Waits until the page's address holds this.
    pub fn comes_to(&self, part: &str) {
        crate::wait::eventually(&format!("{part} is reached"), || {
            self.address().contains(part).then_some(())
        });
    }

    /// The height of the page.
    pub fn height(&self) -> u32 {
        let height = self.run("return document.documentElement.scrollHeight", &json!([]));
        height.as_u64().and_then(|height| u32::try_from(height).ok()).unwrap()
    }

    /// A picture of what is shown, PNG.
    pub fn picture(&self) -> Vec<u8> {
        use base64::Engine;
        let got = self
            .devtools("Page.captureScreenshot", &json!({ "format": "png", "captureBeyondViewport": true }));
        base64::engine::general_purpose::STANDARD.decode(got["data"].as_str().unwrap()).unwrap()
    }

    fn read(&self, path: &str) -> Value {
        let got = crate::http::Call::new("GET", format!("{}{path}", self.session)).send();
        assert_eq!(got.status, 200, "{got}");
        got.json()["value"].clone()
    }

    fn ask(&self, path: &str, body: &Value) -> Value {
        let got = crate::http::Call::new("POST", format!("{}{path}", self.session)).json(body).send();
        assert_eq!(got.status, 200, "{got}");
        got.json()["value"].clone()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        let _ = crate::http::Call::new("DELETE", self.session.clone()).try_send();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
