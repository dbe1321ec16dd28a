using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.Extensions.Logging;

namespace MigrationHost.EntityFramework;

/// <summary>Opens a connection as EF Core does: the context's connection interceptors come before and after, and may give it a token or
/// settings.</summary>
internal sealed class ConnectionInterception(DbContext context, DbConnection connection)
{
    private static readonly EventId Opening = RelationalEventId.ConnectionOpening;
    private static readonly EventId Opened = RelationalEventId.ConnectionOpened;

    private readonly Guid _id = Guid.NewGuid();
    private readonly IDbConnectionInterceptor? _interceptor = context.GetService<IInterceptors>().Aggregate<IDbConnectionInterceptor>();

    public void Open()
    {
        if (_interceptor?.ConnectionOpening(connection, BeforeOpen(isAsync: false), default) is not { IsSuppressed: true })
            connection.Open();
        _interceptor?.ConnectionOpened(connection, AfterOpen(isAsync: false));
    }

    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        var result = _interceptor is null
            ? default
            : await _interceptor
                .ConnectionOpeningAsync(connection, BeforeOpen(isAsync: true), default, cancellationToken).ConfigureAwait(false);
        if (!result.IsSuppressed)
            await connection.OpenAsync(cancellationToken).ConfigureAwait(false);
        if (_interceptor is not null)
            await _interceptor.ConnectionOpenedAsync(connection, AfterOpen(isAsync: true), cancellationToken).ConfigureAwait(false);
    }

    private ConnectionEventData BeforeOpen(bool isAsync) =>
        new(Definition(Opening), (_, _) => "", connection, context, _id, isAsync, DateTimeOffset.UnixEpoch);

    private ConnectionEndEventData AfterOpen(bool isAsync) =>
        new(Definition(Opened), (_, _) => "", connection, context, _id, isAsync, DateTimeOffset.UnixEpoch, TimeSpan.Zero);

    private EventDefinition Definition(EventId id) => new(
        context.GetService<ILoggingOptions>(), id, LogLevel.Debug, id.Name!, _ => (_, _) => { });
}
