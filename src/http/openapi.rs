//! The API, described by itself.

use actix_web::get;
use actix_web::web::{Json, ServiceConfig};
use utoipa::OpenApi;

use super::{
    agents, annotations, aside, boards, connections, contacts, conversations, end_reasons, exceptions, exports,
    gateways, health, history, inboxes, metrics, reports, sending, session, teams, transfers, work,
};
use crate::ws::protocol;

#[derive(OpenApi)]
#[openapi(
    info(title = "Gatehouse", description = "Connects an organisation's messaging accounts to its people."),
    paths(
        session::sign_in,
        session::who_am_i,
        session::sign_out,
        connections::add,
        connections::list,
        gateways::add,
        gateways::list,
        gateways::show,
        gateways::connect,
        gateways::park,
        gateways::retire,
        gateways::set_idle_close,
        exceptions::set,
        exceptions::clear,
        inboxes::add,
        inboxes::list,
        inboxes::set_routing,
        inboxes::make_primary,
        inboxes::add_member,
        inboxes::remove_member,
        inboxes::add_team,
        inboxes::remove_team,
        teams::add,
        teams::list,
        teams::add_member,
        teams::remove_member,
        agents::add,
        agents::list,
        agents::set_capacity,
        agents::grant_skill,
        agents::revoke_skill,
        agents::choose_presence,
        end_reasons::list,
        conversations::list,
        conversations::show,
        conversations::timeline,
        conversations::accept,
        conversations::decline,
        conversations::reply,
        conversations::end,
        conversations::resolve,
        transfers::request,
        transfers::accept_transfer,
        transfers::decline_transfer,
        transfers::withdraw_transfer,
        work::pull_oldest,
        work::pull,
        work::move_to_inbox,
        work::assign,
        work::take_over,
        work::retake,
        work::set_priority,
        work::why,
        annotations::add_note,
        annotations::tag,
        annotations::untag,
        boards::show,
        boards::behind,
        contacts::show,
        contacts::conversations,
        contacts::set_property,
        contacts::opt_out,
        contacts::opt_in,
        contacts::link,
        contacts::unlink,
        contacts::erase,
        aside::quarantine,
        aside::redrive_quarantine,
        aside::redrive_unrouted,
        aside::unrouted,
        sending::show,
        sending::pause,
        sending::resume,
        history::search,
        reports::list,
        reports::show,
        exports::download,
        health::live,
        health::ready,
        metrics::metrics,
    ),
    components(schemas(
        conversations::StateFilter,
        protocol::Call,
        protocol::Subscribed,
        protocol::Push,
        protocol::BoardSubscribed
    ))
)]
struct Api;

pub fn routes(config: &mut ServiceConfig) {
    config.service(describe);
}

/// The document, with the frames of `/ws` among its schemas.
pub fn document() -> utoipa::openapi::OpenApi {
    Api::openapi()
}

#[get("/openapi.json")]
async fn describe() -> Json<utoipa::openapi::OpenApi> {
    Json(document())
}
