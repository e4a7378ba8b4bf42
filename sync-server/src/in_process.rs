//! The same server without HTTP: for the demo's own devices and for simulations.

use std::sync::Arc;

use sync_protocol::{Ask, ExchangeReply, ExchangeRequest, SyncError, SyncServer, Told};

use crate::caller::Credentials;
use crate::core::Core;

/// One device's way to a server in the same process. Goes through exactly what an HTTP request goes through, save the bytes.
#[derive(Clone, Debug)]
pub struct InProcess {
    /// The server.
    pub core: Arc<Core>,
    /// Who asks.
    pub credentials: Credentials,
}

impl SyncServer for InProcess {
    fn exchange(&self, request: ExchangeRequest) -> Result<ExchangeReply, SyncError> {
        self.core.exchange(&self.credentials, request)
    }

    fn ask(&self, ask: Ask) -> Result<Told, SyncError> {
        self.core.ask(&self.credentials, ask)
    }
}
