//! Who may speak to this device: one browser on this machine, through the address that was printed.
//!
//! A page from anywhere in the world can send requests to 127.0.0.1. So every request must carry a cookie that only the
//! holder of the one-time key got, name this very host (a foreign name that resolves to 127.0.0.1 is refused: DNS
//! rebinding), and, where it could change something, come from a page we served.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::http::{HeaderMap, Method, header};

/// Browsers that may hold a session at once; the oldest is forgotten. One person with a few browsers, not a service.
const SESSIONS_MAX: usize = 8;

/// Why a request was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The `Host` is not this device's own address.
    #[error("this address is not mine")]
    Host,
    /// The request comes from a page of somebody else.
    #[error("this page is not mine")]
    Origin,
    /// There is no session: the printed address was not opened in this browser.
    #[error("open the address that was printed when the program started")]
    Session,
    /// The one-time key is wrong, or was used before.
    #[error("this key is not valid, or was used before")]
    Key,
}

/// Draws 256 random bits, as text for an address or a cookie.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn draw_secret() -> Result<String, getrandom::Error> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// The door: the address it answers on, the key that is still unused, and the sessions it opened.
pub struct Gate {
    address: SocketAddr,
    state: Mutex<State>,
}

struct State {
    key: String,
    sessions: VecDeque<String>,
}

impl Gate {
    /// A gate for a listener on `address`, opened once by `key`.
    #[must_use]
    pub fn new(address: SocketAddr, key: String) -> Gate {
        Gate { address, state: Mutex::new(State { key, sessions: VecDeque::new() }) }
    }

    /// What a person types or clicks: the address with the key that is still unused.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/?key={}", self.address, self.state().key)
    }

    /// The cookie's name. Cookies do not tell ports apart, and two devices may run side by side.
    #[must_use]
    pub fn cookie_name(&self) -> String {
        format!("doorstep-{}", self.address.port())
    }

    /// Exchanges the key for a session, and puts `next_key` in its place: a key works once.
    ///
    /// # Errors
    /// [`Refusal::Key`].
    pub fn open(&self, key: &str, next_key: String, session: String) -> Result<(), Refusal> {
        let mut state = self.state();
        if !same(&state.key, key) {
            return Err(Refusal::Key);
        }
        state.key = next_key;
        if state.sessions.len() == SESSIONS_MAX {
            state.sessions.pop_front();
        }
        state.sessions.push_back(session);
        Ok(())
    }

    /// Whether the request speaks to us by our own name. Everything is checked for this, the key's exchange too.
    ///
    /// # Errors
    /// [`Refusal::Host`].
    pub fn check_host(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if self.names().iter().any(|name| name == host) { Ok(()) } else { Err(Refusal::Host) }
    }

    /// Whether the request comes from a page we served. Browsers name the origin on every POST, so one without is refused.
    ///
    /// # Errors
    /// [`Refusal::Origin`].
    pub fn check_origin(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        let text = |name| headers.get(name).map(|value: &axum::http::HeaderValue| value.to_str().unwrap_or("?"));
        match text(header::ORIGIN) {
            Some(origin) => {
                let host = text(header::HOST).unwrap_or_default();
                if origin.strip_prefix("http://") != Some(host) {
                    return Err(Refusal::Origin);
                }
            }
            None if !method.is_safe() => return Err(Refusal::Origin),
            None => {}
        }
        match text(header::HeaderName::from_static("sec-fetch-site")) {
            // `none`: the person typed the address or clicked it in a terminal.
            None | Some("same-origin" | "none") => Ok(()),
            // Following a link from another page may look (there is nothing to see without the cookie), never change.
            Some(_) if method.is_safe() && text(header::HeaderName::from_static("sec-fetch-mode")) == Some("navigate") => Ok(()),
            Some(_) => Err(Refusal::Origin),
        }
    }

    /// Whether the request carries a session.
    ///
    /// # Errors
    /// [`Refusal::Session`].
    pub fn check_session(&self, headers: &HeaderMap) -> Result<(), Refusal> {
        let name = self.cookie_name();
        let state = self.state();
        let held = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|line| line.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == name)
            .any(|(_, value)| state.sessions.iter().any(|session| same(session, value)));
        if held { Ok(()) } else { Err(Refusal::Session) }
    }

    fn names(&self) -> [String; 2] {
        [self.address.to_string(), format!("localhost:{}", self.address.port())]
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change to the state is one assignment or one push: a panic elsewhere cannot leave it half done.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Compares without stopping at the first difference, so that the time taken tells nothing about the secret.
fn same(left: &str, right: &str) -> bool {
    left.len() == right.len() && left.bytes().zip(right.bytes()).fold(0, |sum, (l, r)| sum | (l ^ r)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gate() -> Gate {
        Gate::new(SocketAddr::from(([127, 0, 0, 1], 7001)), "key-1".to_owned())
    }

    fn headers(rows: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in rows {
            map.append(header::HeaderName::from_static(name), header::HeaderValue::from_static(value));
        }
        map
    }

    #[test]
    fn only_our_own_name_is_answered() {
        for (host, allowed) in [
            ("127.0.0.1:7001", true),
            ("localhost:7001", true),
            ("127.0.0.1:7002", false),
            ("127.0.0.1", false),
            ("evil.example:7001", false),
            ("127.0.0.1.evil.example:7001", false),
        ] {
            assert_eq!(gate().check_host(&headers(&[("host", host)])).is_ok(), allowed, "{host}");
        }
        assert_eq!(gate().check_host(&HeaderMap::new()), Err(Refusal::Host), "a request without a host");
    }

    #[test]
    fn only_our_own_pages_may_change_something() {
        let host = ("host", "127.0.0.1:7001");
        for (method, rows, allowed, why) in [
            (Method::POST, vec![host, ("origin", "http://127.0.0.1:7001")], true, "our page"),
            (Method::POST, vec![host], false, "browsers name the origin of every POST"),
            (Method::POST, vec![host, ("origin", "null")], false, "a sandboxed frame or a file"),
            (Method::POST, vec![host, ("origin", "https://127.0.0.1:7001")], false, "another scheme"),
            (Method::POST, vec![host, ("origin", "http://127.0.0.1:7002")], false, "the device beside us"),
            (Method::POST, vec![host, ("origin", "http://evil.example")], false, "a foreign page"),
            (
                Method::POST,
                vec![host, ("origin", "http://127.0.0.1:7001"), ("sec-fetch-site", "cross-site")],
                false,
                "the browser says otherwise",
            ),
            (Method::GET, vec![host], true, "a plain look"),
            (Method::GET, vec![host, ("sec-fetch-site", "none")], true, "a typed address"),
            (Method::GET, vec![host, ("sec-fetch-site", "cross-site")], false, "a foreign page draws from us"),
            (
                Method::GET,
                vec![host, ("sec-fetch-site", "cross-site"), ("sec-fetch-mode", "navigate")],
                true,
                "a link, followed by the person",
            ),
        ] {
            assert_eq!(gate().check_origin(&method, &headers(&rows)).is_ok(), allowed, "{why}: {method} {rows:?}");
        }
    }

    #[test]
    fn a_key_works_once() {
        let gate = gate();
        assert_eq!(gate.open("key-0", "key-2".into(), "s".into()), Err(Refusal::Key), "a wrong key");
        assert_eq!(gate.open("", "key-2".into(), "s".into()), Err(Refusal::Key), "no key");
        assert_eq!(gate.open("key-1", "key-2".into(), "session-1".into()), Ok(()));
        assert_eq!(gate.open("key-1", "key-3".into(), "session-2".into()), Err(Refusal::Key), "the same key again");
        assert!(gate.url().ends_with("/?key=key-2"), "the next key is the one to show: {}", gate.url());
    }

    #[test]
    fn a_session_is_known_by_its_cookie_and_the_oldest_is_forgotten() {
        let gate = gate();
        gate.open("key-1", "key".into(), "session-0".into()).expect("the first key opens");
        assert_eq!(gate.check_session(&headers(&[("cookie", "doorstep-7001=session-0")])), Ok(()));
        assert_eq!(gate.check_session(&headers(&[("cookie", "a=b; doorstep-7001=session-0; c=d")])), Ok(()));
        for cookie in ["doorstep-7001=session-1", "doorstep-7002=session-0", "session-0", "doorstep-7001="] {
            assert_eq!(gate.check_session(&headers(&[("cookie", cookie)])), Err(Refusal::Session), "{cookie}");
        }
        for n in 1..=SESSIONS_MAX {
            gate.open("key", "key".into(), format!("session-{n}")).expect("the next key opens");
        }
        assert_eq!(gate.check_session(&headers(&[("cookie", "doorstep-7001=session-0")])), Err(Refusal::Session), "the oldest");
        assert_eq!(gate.check_session(&headers(&[("cookie", "doorstep-7001=session-8")])), Ok(()), "the newest");
    }
}
