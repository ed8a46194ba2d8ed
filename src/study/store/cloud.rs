//! Implements object stores: a folder of a bucket in S3 or compatible servers, Google Cloud Storage or Azure.
//!
//! Objects appear complete, all at once. Each is created on the condition that its name is free; otherwise the
//! existing object is compared. Requests that fail because of the network are repeated for some minutes, with
//! increasing delays.

use super::{Entry, Store, StoreError};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::azure::{AzureConfigKey, MicrosoftAzureBuilder};
use object_store::client::{HttpError, HttpErrorKind};
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path;
use object_store::{
    ClientOptions, Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, RetryConfig,
};
use std::future::Future;
use std::io;
use std::sync::{Arc, LazyLock, mpsc};
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Supported URL schemes.
pub const SCHEMES: [&str; 3] = ["s3", "gs", "az"];

/// Maximum duration of a request: a part of some megabytes over a slow line.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Maximum number and total duration of retries of a request.
const RETRIES: usize = 30;
const PATIENCE: Duration = Duration::from_secs(180);

/// Maximum number of attempts to create an object while the outcome is unknown.
const ATTEMPTS: u32 = 8;

/// Runtime of the process that waits for responses; it lives until the process ends.
static RUNTIME: LazyLock<io::Result<Runtime>> = LazyLock::new(|| {
    Builder::new_multi_thread()
        .worker_threads(1)
        .thread_name("object-store")
        .enable_all()
        .build()
});

/// Folder in an object store.
#[derive(Clone, Debug)]
pub struct Cloud {
    place: String,
    folder: Path,
    objects: Arc<dyn ObjectStore>,
}

impl Cloud {
    /// Opens a folder, such as `s3://bucket/folder`. Endpoint and credentials come from the environment, as in
    /// the providers' own tools: `AWS_…`, `GOOGLE_…`, `AZURE_…`.
    ///
    /// # Errors
    /// When the URL is invalid, or the environment is incomplete.
    pub fn open(scheme: &str, place: &str) -> Result<Self, StoreError> {
        let failed = |why: String| StoreError::Place {
            name: place.to_owned(),
            why,
        };
        let place = place.trim_end_matches('/');
        let rest = place.split_once("://").map_or("", |(_, rest)| rest);
        let folder = rest.split_once('/').map_or("", |(_, folder)| folder);
        let folder = Path::parse(folder).map_err(|error| failed(error.to_string()))?;
        RUNTIME
            .as_ref()
            .map_err(|error| failed(error.to_string()))?;
        // If another part of the program has installed a provider, that one remains.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let objects = open(scheme, place).map_err(|error| failed(error.to_string()))?;
        Ok(Self {
            place: place.to_owned(),
            folder,
            objects,
        })
    }

    fn full(&self, name: &str) -> String {
        match name {
            "" => self.place.clone(),
            name => format!("{}/{name}", self.place),
        }
    }

    fn path(&self, name: &str) -> Result<Path, Error> {
        Ok(Path::parse(format!("{}/{name}", self.folder))?)
    }

    fn read_error(&self, name: &str, source: Error) -> StoreError {
        StoreError::Read {
            name: self.full(name),
            source: io::Error::other(source),
        }
    }

    fn write_error(&self, name: &str, source: Error) -> StoreError {
        StoreError::Write {
            name: self.full(name),
            source: io::Error::other(source),
        }
    }

    fn put_as(&self, name: &str, bytes: &[u8], mode: PutMode) -> Result<(), Error> {
        let path = self.path(name)?;
        let objects = Arc::clone(&self.objects);
        let payload = PutPayload::from(bytes.to_vec());
        wait(async move {
            let options = PutOptions::from(mode);
            objects.put_opts(&path, payload, options).await.map(drop)
        })
    }
}

impl Store for Cloud {
    fn place(&self) -> String {
        self.place.clone()
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        let mut attempt = 1;
        loop {
            let error = match self.put_as(name, bytes, PutMode::Create) {
                Ok(()) => return Ok(()),
                Err(error) => error,
            };
            match &error {
                // By another process, or by an own request whose response was lost.
                Error::AlreadyExists { .. } => match self.get(name)? {
                    Some(there) if there == bytes => return Ok(()),
                    Some(_) => {
                        return Err(StoreError::Differs {
                            name: self.full(name),
                        });
                    }
                    // Another process is about to create it.
                    None => {}
                },
                error if is_of_the_network(error) => {}
                _ => return Err(self.write_error(name, error)),
            }
            if attempt == ATTEMPTS {
                return Err(self.write_error(name, error));
            }
            std::thread::sleep(Duration::from_millis(250) * attempt * attempt);
            attempt += 1;
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), StoreError> {
        self.put_as(name, bytes, PutMode::Overwrite)
            .map_err(|error| self.write_error(name, error))
    }

    fn get(&self, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let objects = Arc::clone(&self.objects);
        let got = self.path(name).and_then(|path| {
            wait(async move { Ok(objects.get(&path).await?.bytes().await?.to_vec()) })
        });
        where_there(got).map_err(|error| self.read_error(name, error))
    }

    fn size(&self, name: &str) -> Result<Option<u64>, StoreError> {
        let objects = Arc::clone(&self.objects);
        let size = self
            .path(name)
            .and_then(|path| wait(async move { Ok(objects.head(&path).await?.size) }));
        where_there(size).map_err(|error| self.read_error(name, error))
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let objects = Arc::clone(&self.objects);
        let found = self
            .path(folder)
            .and_then(|path| wait(async move { objects.list_with_delimiter(Some(&path)).await }));
        let found = found.map_err(|error| self.read_error(folder, error))?;
        let files = found
            .objects
            .into_iter()
            .map(|object| (object.location, false));
        let folders = found.common_prefixes.into_iter().map(|path| (path, true));
        let entry = |(path, is_folder): (Path, bool)| {
            let own: Vec<_> = path.prefix_match(&self.folder)?.collect();
            let name: Vec<_> = own.iter().map(AsRef::as_ref).collect();
            // An object with the folder's own name may mark the folder.
            (name.join("/") != folder).then(|| Entry {
                name: name.join("/"),
                is_folder,
            })
        };
        let mut entries: Vec<_> = files.chain(folders).filter_map(entry).collect();
        entries.sort();
        Ok(entries)
    }
}

/// Opens the bucket of a URL.
fn open(scheme: &str, place: &str) -> Result<Arc<dyn ObjectStore>, Error> {
    let retry = RetryConfig {
        max_retries: RETRIES,
        retry_timeout: PATIENCE,
        ..RetryConfig::default()
    };
    // A custom server with an http:// endpoint is intentionally unencrypted.
    let options = |endpoints: [Option<String>; 2]| {
        let mut endpoints = endpoints.into_iter().flatten();
        let is_plain = endpoints.any(|endpoint| endpoint.starts_with("http://"));
        ClientOptions::new()
            .with_timeout(TIMEOUT)
            .with_allow_http(is_plain)
    };
    Ok(match scheme {
        "gs" => {
            let builder = GoogleCloudStorageBuilder::from_env().with_url(place);
            let builder = builder.with_client_options(options([None, None]));
            Arc::new(builder.with_retry(retry).build()?)
        }
        "az" => {
            let builder = MicrosoftAzureBuilder::from_env().with_url(place);
            let endpoint = builder.get_config_value(&AzureConfigKey::Endpoint);
            let builder = builder.with_client_options(options([endpoint, None]));
            Arc::new(builder.with_retry(retry).build()?)
        }
        _ => {
            let builder = AmazonS3Builder::from_env().with_url(place);
            let endpoint = |key| builder.get_config_value(&key);
            let endpoints = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
            let options = options(endpoints.map(endpoint));
            let builder = builder.with_client_options(options);
            Arc::new(builder.with_retry(retry).build()?)
        }
    })
}

/// Waits for a response; also callable from a thread of another runtime.
fn wait<T: Send + 'static>(
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let lost = |why: String| Error::Generic {
        store: "runtime",
        source: why.into(),
    };
    let runtime = RUNTIME.as_ref().map_err(|error| lost(error.to_string()))?;
    let (answer, answered) = mpsc::channel();
    runtime.spawn(async move {
        // The receiver is waiting.
        let _ = answer.send(work.await);
    });
    answered
        .recv()
        .unwrap_or_else(|_| Err(lost("a request was lost".to_owned())))
}

/// Maps a missing object to `None`.
fn where_there<T>(read: Result<T, Error>) -> Result<Option<T>, Error> {
    match read {
        Err(Error::NotFound { .. }) => Ok(None),
        read => read.map(Some),
    }
}

/// Returns true if the outcome of a request is unknown: its response did not arrive.
fn is_of_the_network(error: &Error) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(error) = error.downcast_ref::<HttpError>() {
            use HttpErrorKind::{Connect, Decode, Interrupted, Request, Timeout};
            return matches!(
                error.kind(),
                Connect | Request | Timeout | Interrupted | Decode
            );
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use object_store::memory::InMemory;

    fn store() -> Cloud {
        Cloud {
            place: "s3://bucket/folder".to_owned(),
            folder: Path::from("folder"),
            objects: Arc::new(InMemory::new()),
        }
    }

    #[test]
    fn an_object_is_put_once() {
        let store = store();
        assert_eq!(store.get("a/b").unwrap(), None);
        assert_eq!(store.size("a/b").unwrap(), None);
        assert_eq!(store.list("a").unwrap(), []);
        store.put("a/b", b"one").unwrap();
        store.put("a/b", b"one").unwrap();
        let error = store.put("a/b", b"two").unwrap_err().to_string();
        assert!(
            error.starts_with("s3://bucket/folder/a/b: exists with other bytes"),
            "{error}"
        );
        assert_eq!(store.get("a/b").unwrap().unwrap(), b"one");
        store.replace("a/b", b"other").unwrap();
        assert_eq!(store.size("a/b").unwrap(), Some(5));
    }

    #[test]
    fn folders_are_listed_by_the_names_within_the_place() {
        let store = store();
        for name in ["dataset.toml", "runs/1", "runs/2", "runs/deep/3"] {
            store.put(name, b"x").unwrap();
        }
        let list = |folder| {
            let entries = store.list(folder).unwrap().into_iter();
            entries
                .map(|entry| (entry.name, entry.is_folder))
                .collect::<Vec<_>>()
        };
        let (file, folder) = (
            |name: &str| (name.to_owned(), false),
            |name: &str| (name.to_owned(), true),
        );
        assert_eq!(list(""), [file("dataset.toml"), folder("runs")]);
        assert_eq!(
            list("runs"),
            [file("runs/1"), file("runs/2"), folder("runs/deep")]
        );
    }

    #[test]
    fn one_of_many_writers_wins_and_others_hear_of_it() {
        let store = store();
        let put = |bytes: [u8; 1]| store.put("race", &bytes).is_ok();
        let won = std::thread::scope(|scope| {
            let writers: Vec<_> = (0..16).map(|i| scope.spawn(move || put([i]))).collect();
            writers
                .into_iter()
                .map(|writer| writer.join().unwrap())
                .filter(|&won| won)
                .count()
        });
        assert_eq!(won, 1);
    }
}
