//! The same server without HTTP: for the demo's own devices and for simulations.

use std::sync::Arc;

use domain::photo::BlobHash;
use sync_protocol::blob::{BlobError, BlobServer, BlobState};
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

impl BlobServer for InProcess {
    fn blob_state(&self, hash: BlobHash) -> Result<BlobState, BlobError> {
        self.core.blob_state(&self.credentials, hash)
    }
    fn put_blob(&self, hash: BlobHash, offset: u64, piece: &[u8]) -> Result<BlobState, BlobError> {
        self.core.put_blob(&self.credentials, hash, offset, piece)
    }
    fn blob(&self, hash: BlobHash, offset: u64, length: u32) -> Result<Vec<u8>, BlobError> {
        self.core.blob(&self.credentials, hash, offset, length)
    }
}
