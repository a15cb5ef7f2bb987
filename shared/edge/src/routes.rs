//! The route table of a Worker: every route on one screen, and the `OpenAPI` document made from the same lines.
//!
//! Natively each handler's signature is read for the document: its callers become security requirements, its
//! body, query and headers become parameters, its answer the response. In WebAssembly only the router is made,
//! and the document, a snapshot kept by a test, is served as bytes.

use axum::Router;
#[cfg(target_arch = "wasm32")]
use axum::extract::Request;
use axum::handler::Handler;
use sesh_types::envelope::ErrorCode;

/// What the document says of a route besides its signature.
#[derive(Clone, Copy, Debug)]
pub struct Doc {
    /// One line.
    pub summary: &'static str,
    /// The errors that the handler itself decides on; those of its extractors are added.
    pub errors: &'static [ErrorCode],
}

/// A line about a route.
pub const fn doc(summary: &'static str) -> Doc {
    Doc { summary, errors: &[] }
}

impl Doc {
    /// The errors that the handler itself decides on.
    #[must_use]
    pub const fn errors(mut self, errors: &'static [ErrorCode]) -> Self {
        self.errors = errors;
        self
    }
}

/// A handler of whatever shape as one type, so that what a router makes of a handler is compiled once and not for each.
#[cfg(target_arch = "wasm32")]
#[derive(Clone)]
struct Erased<S>(std::sync::Arc<dyn Fn(Request, S) -> Answering + Send + Sync>);

#[cfg(target_arch = "wasm32")]
type Answering = std::pin::Pin<Box<dyn Future<Output = axum::response::Response> + Send>>;

#[cfg(target_arch = "wasm32")]
fn erased<S: 'static, T: 'static>(handler: impl Handler<T, S>) -> Erased<S> {
    Erased(std::sync::Arc::new(move |request, state| Box::pin(handler.clone().call(request, state))))
}

/// Natively nobody counts bytes, and the document is made from a handler's own type.
#[cfg(not(target_arch = "wasm32"))]
const fn erased<H>(handler: H) -> H {
    handler
}

#[cfg(target_arch = "wasm32")]
impl<S: Clone + Send + Sync + 'static> Handler<(), S> for Erased<S> {
    type Future = Answering;

    fn call(self, request: Request, state: S) -> Answering {
        (self.0)(request, state)
    }
}

/// Routes of a Worker whose state is `S`.
pub struct Routes<S> {
    #[cfg(target_arch = "wasm32")]
    router: Router<S>,
    #[cfg(not(target_arch = "wasm32"))]
    router: aide::axum::ApiRouter<S>,
    #[cfg(not(target_arch = "wasm32"))]
    tag: &'static str,
    #[cfg(not(target_arch = "wasm32"))]
    pages: Vec<(&'static str, &'static str)>,
}

impl<S: Clone + Send + Sync + 'static> Default for Routes<S> {
    fn default() -> Self {
        Self::new()
    }
}

impl<S: Clone + Send + Sync + 'static> Routes<S> {
    /// No routes yet.
    pub fn new() -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        return Self { router: aide::axum::ApiRouter::new(), tag: "", pages: Vec::new() };
        #[cfg(target_arch = "wasm32")]
        return Self { router: Router::new() };
    }

    /// The routes that follow belong to this group of the document.
    #[must_use]
    pub fn group(mut self, tag: &'static str) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        {
            self.tag = tag;
        }
        #[cfg(target_arch = "wasm32")]
        let _ = (&mut self, tag);
        self
    }

    /// A page, to look at: HTML for people, and no part of the document.
    #[must_use]
    pub fn page<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.undocumented("GET", path, axum::routing::get(erased(handler)))
    }

    /// Where the form of a page is posted.
    #[must_use]
    pub fn form<H: Handler<T, S>, T: 'static>(self, path: &'static str, handler: H) -> Self {
        self.undocumented("POST", path, axum::routing::post(erased(handler)))
    }

    #[cfg_attr(target_arch = "wasm32", allow(unused_variables, reason = "the list is for tests"))]
    fn undocumented(
        mut self,
        verb: &'static str,
        path: &'static str,
        route: axum::routing::MethodRouter<S>,
    ) -> Self {
        #[cfg(not(target_arch = "wasm32"))]
        {
            self.pages.push((verb, path));
            self.router = self.router.route(path, route);
        }
        #[cfg(target_arch = "wasm32")]
        {
            self.router = self.router.route(path, route);
        }
        self
    }

    /// Verb and path of each page and form.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn pages(&self) -> &[(&'static str, &'static str)] {
        &self.pages
    }

    /// The router, ready to serve.
    pub fn into_router(self, state: S) -> Router {
        #[cfg(not(target_arch = "wasm32"))]
        return Router::from(self.router).with_state(state);
        #[cfg(target_arch = "wasm32")]
        return self.router.with_state(state);
    }

    /// The document of these routes.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn into_document(self, about: &crate::openapi::About) -> serde_json::Value {
        crate::openapi::document(self.router, about)
    }
}

macro_rules! verbs {
    ($($verb:ident $verb_with:ident),*) => { $(
        #[cfg(target_arch = "wasm32")]
        impl<S: Clone + Send + Sync + 'static> Routes<S> {
            #[doc = concat!("A route for `", stringify!($verb), "`.")]
            #[must_use]
            pub fn $verb<H: Handler<T, S>, T: 'static>(mut self, path: &str, handler: H, _: Doc) -> Self {
                self.router = self.router.route(path, axum::routing::$verb(erased(handler)));
                self
            }
        }

        #[cfg(not(target_arch = "wasm32"))]
        impl<S: Clone + Send + Sync + 'static> Routes<S> {
            #[doc = concat!("A route for `", stringify!($verb), "`.")]
            #[must_use]
            pub fn $verb<H, T, I, O>(mut self, path: &str, handler: H, doc: Doc) -> Self
            where
                H: Handler<T, S> + aide::operation::OperationHandler<I, O>,
                T: 'static,
                I: aide::OperationInput,
                O: aide::OperationOutput,
            {
                let tag = self.tag;
                let id = crate::openapi::operation_id(stringify!($verb), path);
                self.router = self.router.api_route(
                    path,
                    aide::axum::routing::$verb_with(handler, |op| crate::openapi::describe(op, tag, &id, path, doc)),
                );
                self
            }
        }
    )* };
}
verbs!(get get_with, post post_with, patch patch_with, put put_with, delete delete_with);
