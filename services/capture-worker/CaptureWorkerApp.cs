using Microsoft.Extensions.Options;
using StellaOps.Telemetry.CaptureWorker.Api;
using StellaOps.Telemetry.CaptureWorker.Egress;
using StellaOps.Telemetry.CaptureWorker.Gateways;
using StellaOps.Telemetry.CaptureWorker.Holds;
using StellaOps.Telemetry.CaptureWorker.Integrity;
using StellaOps.Telemetry.CaptureWorker.Jobs;
using StellaOps.Telemetry.CaptureWorker.Promotion;
using StellaOps.Telemetry.CaptureWorker.Provenance;
using StellaOps.Telemetry.CaptureWorker.Reading;
using StellaOps.Telemetry.CaptureWorker.Retention;
using StellaOps.Telemetry.CaptureWorker.Retention.Api;
using StellaOps.Telemetry.CaptureWorker.Search;
using StellaOps.Telemetry.CaptureWorker.Signing;
using StellaOps.Telemetry.Contracts;
using StellaOps.Telemetry.Evidence.Signing;
using StellaOps.Telemetry.ServiceDefaults;
using StellaOps.Telemetry.ServiceDefaults.Database;

namespace StellaOps.Telemetry.CaptureWorker;

/// <summary>The application, for the process and for tests in process.</summary>
internal static class CaptureWorkerApp
{
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? customize = null)
    {
        var builder = WebApplication.CreateBuilder(args);
        customize?.Invoke(builder);
        builder.AddStellaServiceDefaults(KnownServices.CaptureWorker);
        builder.AddStellaDatabase("capture", typeof(CaptureWorkerApp).Assembly);
        AddOptions(builder.Services);
        builder.Services.AddCaptureConnections();
        AddCaptures(builder.Services);
        builder.Services.AddArchiveIntegrity();
        builder.Services.AddRetention();

        var app = builder.Build();
        app.MapStellaDefaultEndpoints();
        app.MapCaptureApiV1();
        app.MapHoldsApiV1();
        app.MapArchiveApiV1();
        app.MapIntegrityApiV1();
        app.MapSearchApiV1();
        return app;
    }

    private static void AddOptions(IServiceCollection services)
    {
        services.AddOptions<CaptureOptions>().BindConfiguration(CaptureOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CaptureOptions>, ValidateCaptureOptions>();
        services.AddOptions<CaptureFilesOptions>().BindConfiguration(CaptureFilesOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<CaptureFilesOptions>, CaptureFilesOptions.Validator>();
        services.AddOptions<SearchOptions>().BindConfiguration(SearchOptions.Section).ValidateOnStart();
        services.AddSingleton<IValidateOptions<SearchOptions>, SearchOptions.Validator>();
    }

    private static void AddCaptures(IServiceCollection services)
    {
        services.AddSingleton(s => Load(s.GetRequiredService<IOptions<CaptureFilesOptions>>().Value));
        services.AddSingleton<CaptureJobStore>();
        services.AddSingleton<BundleFolder>();
        services.AddSingleton<CaptureServices>();
        services.AddSingleton<EventClients>();
        services.AddSingleton<CaptureInstruments>();
        services.AddSingleton<GatewayRegistry>();
        services.AddSingleton<PromotionClient>();
        services.AddSingleton<HoldStore>();
        services.AddHostedService<HoldKeeper>();
        services.AddSingleton<WindowReader>();
        services.AddSingleton<SearchSlots>();
        services.AddSingleton<SearchServices>();
        services.AddTransient<ProvenanceWriter>();
        services.AddTransient<ICaptureRunner, CaptureRunner>();
        services.AddEvidenceSigning();
        services.AddHostedService<GatewayWatcher>();
        services.AddHostedService<CaptureWorkerService>();
        services.AddHostedService<WorkSweeper>();
    }

    private static SigningIdentity Load(CaptureFilesOptions files) => new(SigningKey.Load(files.Identity.KeyFile!), TrustStore.Load(files.Trust.File!));
}
