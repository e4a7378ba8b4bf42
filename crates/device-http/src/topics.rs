//! Which questions have new answers: one stream of server-sent events for each open page.

use std::convert::Infallible;
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::Stream;
use tokio::sync::{broadcast, watch};
use ui_protocol::Topic;

/// Events a slow page may lag behind before its stream is closed.
const BEHIND_MAX: usize = 64;

/// A line now and then, so that a stream that died is noticed.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Where topics are said, and heard by every open page.
#[derive(Clone)]
pub struct Topics {
    said: broadcast::Sender<String>,
}

impl Default for Topics {
    fn default() -> Self {
        Topics { said: broadcast::Sender::new(BEHIND_MAX) }
    }
}

impl Topics {
    /// Tells every open page. Nobody listening is no error.
    pub fn say(&self, topics: &[Topic]) {
        let Ok(json) = serde_json::to_string(topics) else { return };
        if !topics.is_empty() {
            let _nobody_listens = self.said.send(json);
        }
    }

    /// A stream for one page, until the page leaves, it lags too far behind, or `stopping` becomes true. A page whose stream
    /// was closed opens another by itself and asks everything again, so that missing an event never leaves a stale screen.
    pub fn stream(&self, stopping: watch::Receiver<bool>) -> Sse<impl Stream<Item = Result<Event, Infallible>> + use<>> {
        let state = (self.said.subscribe(), stopping);
        let events = futures_util::stream::unfold(state, |(mut heard, mut stopping)| async move {
            let json = tokio::select! {
                said = heard.recv() => said.ok()?,
                _ = stopping.wait_for(|stop| *stop) => return None,
            };
            Some((Ok(Event::default().event("topics").data(json)), (heard, stopping)))
        });
        Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE))
    }
}
