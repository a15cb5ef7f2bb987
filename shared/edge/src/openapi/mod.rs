//! The `OpenAPI` 3.1 document, natively only: what each extractor and answer adds to an operation.

mod page;
mod snapshot;

pub use page::page;
pub use snapshot::{Kept, keep};

use crate::health::Health;
use crate::http::{
    Anonymous, Answer, Body, ClientAddress, Failure, FleetCaller, Form, IfMatch, Key, Listing, NoContent,
    OptionalBody, OrSocket, Query, Raw, RawPage, RequestInfo, Upgrade,
};
use crate::idempotency::IdempotencyKey;
use crate::io::Io;
use crate::routes::Doc;
use crate::token::{Oneself, OptionalPerson, Person};
use aide::axum::ApiRouter;
use aide::generate::GenContext;
use aide::openapi::{
    Components, HeaderStyle, Info, MediaType, OpenApi, Operation, Parameter, ParameterData,
    ParameterSchemaOrContent, PathStyle, ReferenceOr, RequestBody, Response, SchemaObject, SecurityScheme,
    StatusCode,
};
use aide::operation::{ParamLocation, add_parameters, parameters_from_schema};
use aide::transform::TransformOperation;
use aide::{OperationInput, OperationOutput};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, json_schema};
use sesh_types::envelope::{ErrorCode, Failed, Meta};
use std::collections::BTreeMap;

/// What stands at the head of a document.
#[derive(Clone, Copy, Debug)]
pub struct About {
    /// The Worker's name for readers.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// The security schemes of its callers, by name: what to send.
    pub callers: &'static [(&'static str, &'static str)],
}

/// The scheme of a person's access token.
pub const PERSON: &str = "person";
/// The scheme of an API key of a person or a tenant.
pub const API_KEY: &str = "api_key";
/// The scheme of an administrator's key.
pub const ADMIN_KEY: &str = "admin_key";
/// The scheme of an access token of staff.
pub const STAFF: &str = "staff";

pub(crate) fn document<S: Clone + Send + Sync + 'static>(
    router: ApiRouter<S>,
    about: &About,
) -> serde_json::Value {
    let mut api = OpenApi {
        info: Info {
            title: about.title.into(),
            description: Some(about.description.into()),
            version: env!("CARGO_PKG_VERSION").into(),
            ..Info::default()
        },
        components: Some(Components {
            security_schemes: about
                .callers
                .iter()
                .map(|(name, what)| {
                    let scheme = SecurityScheme::Http {
                        scheme: "bearer".into(),
                        bearer_format: None,
                        description: Some((*what).into()),
                        extensions: IndexMap::default(),
                    };
                    ((*name).to_owned(), ReferenceOr::Item(scheme))
                })
                .collect(),
            ..Components::default()
        }),
        ..OpenApi::default()
    };
    let _ = router.finish_api(&mut api);
    serde_json::to_value(&api).unwrap_or_default()
}

pub(crate) fn operation_id(verb: &str, path: &str) -> String {
    let words = path.split(['/', '.', '-']).filter(|word| !word.is_empty() && *word != "api");
    let words = words.map(|word| word.trim_matches(['{', '}']));
    std::iter::once(verb).chain(words).collect::<Vec<_>>().join("_")
}

pub(crate) fn describe<'t>(
    mut op: TransformOperation<'t>,
    tag: &str,
    id: &str,
    path: &str,
    doc: Doc,
) -> TransformOperation<'t> {
    op = op.summary(doc.summary).tag(tag).id(id);
    let operation = op.inner_mut();
    aide::generate::in_context(|ctx| {
        for code in doc.errors.iter().chain(&[ErrorCode::InternalError, ErrorCode::ServiceUnavailable]) {
            fails(ctx, operation, *code);
        }
        for name in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
            let (what, schema) = match name {
                "id" => ("The id.", json_schema!({ "type": "string", "format": "uuid" })),
                _ => ("The name.", json_schema!({ "type": "string", "pattern": "^[a-z0-9-]{1,32}$" })),
            };
            let parameter_data = parameter(name, what, true, schema);
            operation
                .parameters
                .push(ReferenceOr::Item(Parameter::Path { parameter_data, style: PathStyle::Simple }));
            fails(ctx, operation, ErrorCode::NotFound);
        }
    });
    op
}

fn parameter(name: &str, description: &str, required: bool, json_schema: Schema) -> ParameterData {
    ParameterData {
        name: name.to_owned(),
        description: Some(description.to_owned()),
        required,
        deprecated: None,
        format: ParameterSchemaOrContent::Schema(SchemaObject {
            json_schema,
            external_docs: None,
            example: None,
        }),
        example: None,
        examples: IndexMap::default(),
        explode: None,
        extensions: IndexMap::default(),
    }
}

fn header(operation: &mut Operation, name: &str, description: &str, json_schema: Schema) {
    let data = parameter(name, description, false, json_schema);
    let item = Parameter::Header { parameter_data: data, style: HeaderStyle::Simple };
    operation.parameters.push(ReferenceOr::Item(item));
}

/// Adds the failure answer of a code; several codes of one status share it.
pub fn fails(ctx: &mut GenContext, operation: &mut Operation, code: ErrorCode) {
    let word = serde_json::to_value(code)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    let responses = operation.responses.get_or_insert_default();
    let response = responses
        .responses
        .entry(StatusCode::Code(code.status()))
        .or_insert_with(|| ReferenceOr::Item(json_response::<Failed>(ctx, "")));
    if let ReferenceOr::Item(response) = response {
        let known = response.description.split(", ").any(|known| known == word);
        if !known {
            let glue = if response.description.is_empty() { "" } else { ", " };
            response.description = format!("{}{glue}{word}", response.description);
        }
    }
}

fn json_response<T: JsonSchema>(ctx: &mut GenContext, description: &str) -> Response {
    Response {
        description: description.to_owned(),
        content: [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect(),
        ..Response::default()
    }
}

fn media<T: JsonSchema>(ctx: &mut GenContext) -> MediaType {
    let json_schema = ctx.schema.subschema_for::<T>();
    MediaType {
        schema: Some(SchemaObject { json_schema, external_docs: None, example: None }),
        ..MediaType::default()
    }
}

fn requires(operation: &mut Operation, scheme: &str) {
    operation.security.push([(scheme.to_owned(), Vec::new())].into_iter().collect());
}

macro_rules! silent {
    ($($kind:ty),*) => { $( impl OperationInput for $kind {} )* };
}
silent!(Io, RequestInfo, Anonymous, ClientAddress, FleetCaller, Upgrade);
impl<T> OperationInput for Key<T> {}

impl OperationInput for Person {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        requires(operation, PERSON);
        fails(ctx, operation, ErrorCode::Unauthorized);
        fails(ctx, operation, ErrorCode::Forbidden);
        fails(ctx, operation, ErrorCode::Impersonated);
    }
}

impl OperationInput for Oneself {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Person::operation_input(ctx, operation);
    }
}

/// For callers with an API key, beside a person: their types are those of the Workers that take keys.
pub fn api_key(ctx: &mut GenContext, operation: &mut Operation) {
    Person::operation_input(ctx, operation);
    requires(operation, API_KEY);
    fails(ctx, operation, ErrorCode::TooManyRequests);
    fails(ctx, operation, ErrorCode::QuotaExceeded);
}

impl OperationInput for OptionalPerson {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Person::operation_input(ctx, operation);
        // The empty requirement: the token is optional.
        operation.security.push(IndexMap::default());
    }
}

/// For callers with an administrator's key or a token of staff, whose type is the admin Worker's own.
pub fn operator(ctx: &mut GenContext, operation: &mut Operation) {
    requires(operation, ADMIN_KEY);
    staff(ctx, operation);
}

/// For callers with a token of staff.
pub fn staff(ctx: &mut GenContext, operation: &mut Operation) {
    requires(operation, STAFF);
    fails(ctx, operation, ErrorCode::Unauthorized);
    fails(ctx, operation, ErrorCode::Forbidden);
}

impl OperationInput for IdempotencyKey {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        header(
            operation,
            "Idempotency-Key",
            "Repeating a request with the same key has one effect and one answer.",
            // Printable ASCII; blanks at the ends are no part of a header's value (RFC 9110, section 5.5).
            json_schema!({ "type": "string", "maxLength": 255, "pattern": "^[!-~]([ -~]*[!-~])?$" }),
        );
        fails(ctx, operation, ErrorCode::BadRequest);
        fails(ctx, operation, ErrorCode::IdempotencyKeyReused);
    }
}

impl OperationInput for IfMatch {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        header(
            operation,
            "If-Match",
            "The ETag that the edit insists on.",
            json_schema!({ "type": "string" }),
        );
        fails(ctx, operation, ErrorCode::PreconditionFailed);
    }
}

impl<T: JsonSchema> OperationInput for Body<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        operation.request_body = Some(ReferenceOr::Item(RequestBody {
            content: [("application/json".to_owned(), media::<T>(ctx))].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        }));
        for code in [ErrorCode::BadRequest, ErrorCode::PayloadTooLarge, ErrorCode::UnsupportedMediaType] {
            fails(ctx, operation, code);
        }
    }
}

impl OperationInput for Form {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let json_schema = json_schema!({ "type": "object", "additionalProperties": { "type": "string" } });
        let schema = Some(SchemaObject { json_schema, external_docs: None, example: None });
        let media = MediaType { schema, ..MediaType::default() };
        operation.request_body = Some(ReferenceOr::Item(RequestBody {
            content: [("application/x-www-form-urlencoded".to_owned(), media)].into_iter().collect(),
            required: true,
            ..RequestBody::default()
        }));
        for code in [ErrorCode::PayloadTooLarge, ErrorCode::UnsupportedMediaType] {
            fails(ctx, operation, code);
        }
    }
}

impl<T: JsonSchema> OperationInput for OptionalBody<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        Body::<T>::operation_input(ctx, operation);
        if let Some(ReferenceOr::Item(body)) = &mut operation.request_body {
            body.required = false;
        }
    }
}

impl<T: JsonSchema> OperationInput for Query<T> {
    fn operation_input(ctx: &mut GenContext, operation: &mut Operation) {
        let schema = ctx.schema.subschema_for::<T>();
        let parameters = parameters_from_schema(ctx, schema, ParamLocation::Query);
        add_parameters(ctx, operation, parameters);
        fails(ctx, operation, ErrorCode::BadRequest);
    }
}

fn envelope<T: JsonSchema>(ctx: &mut GenContext, list: bool) -> Response {
    let item = ctx.schema.subschema_for::<T>();
    let schema = if list {
        let meta = ctx.schema.subschema_for::<Meta>();
        json_schema!({
            "type": "object", "required": ["success", "data", "meta"],
            "properties": { "success": { "const": true }, "data": { "type": "array", "items": item }, "meta": meta }
        })
    } else {
        json_schema!({
            "type": "object", "required": ["success", "data"],
            "properties": { "success": { "const": true }, "data": item }
        })
    };
    let schema = SchemaObject { json_schema: schema, external_docs: None, example: None };
    let media = MediaType { schema: Some(schema), ..MediaType::default() };
    Response {
        description: "Done.".to_owned(),
        content: [("application/json".to_owned(), media)].into_iter().collect(),
        ..Response::default()
    }
}

impl<T: JsonSchema, const STATUS: u16> OperationOutput for Answer<T, STATUS> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(STATUS), envelope::<T>(ctx, false))]
    }
}

impl<T: JsonSchema> OperationOutput for OrSocket<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        let description = "A WebSocket, when the request asks for one (`Upgrade: websocket`).".to_owned();
        vec![
            (Some(101), Response { description, ..Response::default() }),
            (Some(200), envelope::<T>(ctx, false)),
        ]
    }
}

impl OperationOutput for NoContent {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(204), Response { description: "Done.".to_owned(), ..Response::default() })]
    }
}

impl OperationOutput for Raw {
    type Inner = ();

    fn inferred_responses(_: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(200), Response { description: "As its standard says.".to_owned(), ..Response::default() })]
    }
}

impl OperationOutput for RawPage {
    type Inner = ();

    fn inferred_responses(ctx: &mut GenContext, operation: &mut Operation) -> Vec<(Option<u16>, Response)> {
        Raw::inferred_responses(ctx, operation)
    }
}

impl<T: JsonSchema> OperationOutput for Listing<T> {
    type Inner = T;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![(Some(200), envelope::<T>(ctx, true))]
    }
}

impl OperationOutput for Health {
    type Inner = Health;

    fn inferred_responses(ctx: &mut GenContext, _: &mut Operation) -> Vec<(Option<u16>, Response)> {
        vec![
            (Some(200), json_response::<Health>(ctx, "Healthy or degraded.")),
            (Some(503), json_response::<Health>(ctx, "Unhealthy.")),
        ]
    }
}

impl OperationOutput for Failure {
    type Inner = ();
}

/// The routes of a document: verb and path of each, for tests that hold a list against it.
pub fn routes_of(document: &serde_json::Value) -> BTreeMap<String, Vec<String>> {
    let paths = document.get("paths").and_then(serde_json::Value::as_object);
    paths
        .into_iter()
        .flatten()
        .map(|(path, item)| {
            (path.clone(), item.as_object().into_iter().flatten().map(|(verb, _)| verb.clone()).collect())
        })
        .collect()
}
